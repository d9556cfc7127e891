// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IGoverned} from "./interfaces/IGoverned.sol";

/// @title IGoverned, which holds all the prose.
abstract contract Governed is IGoverned, AccessManaged, Pausable {
    constructor(address manager) AccessManaged(manager) {}

    /// @inheritdoc IGoverned
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IGoverned
    function unpause() external restricted {
        _unpause();
    }
}
