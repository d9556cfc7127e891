// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IDocumentLog} from "./interfaces/IDocumentLog.sol";

/// @title IDocumentLog, which holds all the prose.
contract DocumentLog is IDocumentLog, Governed {
    mapping(uint64 size => bytes32) private _roots;
    uint64 private _size;

    constructor(address manager) Governed(manager) {}

    /// @inheritdoc IDocumentLog
    function anchor(uint64 size, bytes32 root) external restricted whenNotPaused {
        if (size <= _size) revert LogNotGrown(size, _size);
        if (root == 0) revert NoRoot(size);
        (_size, _roots[size]) = (size, root);
        emit LogAnchored(size, root);
    }

    /// @inheritdoc IDocumentLog
    function rootOf(uint64 size) external view returns (bytes32) {
        return _roots[size];
    }

    /// @inheritdoc IDocumentLog
    function latest() external view returns (uint64 size, bytes32 root) {
        return (_size, _roots[_size]);
    }
}
