// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {Signed} from "./Signed.sol";
import {IReadingAnchor} from "./interfaces/IReadingAnchor.sol";
import {BytesOrder} from "./libraries/BytesOrder.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IReadingAnchor, which holds all the prose.
contract ReadingAnchor is IReadingAnchor, Signed, Governed {
    /// @inheritdoc IReadingAnchor
    uint8 public maxFaulty; // shares a slot with the pause flag, which every anchoring reads anyway

    mapping(bytes32 key => bytes32) private _readingsHashes;
    mapping(bytes32 signerHash => Standing) private _standings;
    bytes[] private _oracles;

    constructor(bytes[] memory firstOracles, uint8 f, address manager) Governed(manager) {
        _setOracles(firstOracles, f);
    }

    /// @inheritdoc IReadingAnchor
    function anchor(Statement[] calldata statements) external whenNotPaused nonReentrant {
        uint256 quorum = uint256(maxFaulty) + 1;
        for (uint256 i = 0; i < statements.length; ++i) {
            _anchor(statements[i], quorum);
        }
    }

    /// @inheritdoc IReadingAnchor
    function reportEquivocation(
        bytes calldata oracle,
        Readings calldata a,
        bytes calldata signatureA,
        Readings calldata b,
        bytes calldata signatureB
    ) external nonReentrant {
        bytes32 key = _key(a.zone, a.periodStart, a.version);
        (bytes32 keyB, bytes32 hashA, bytes32 hashB) = (_key(b.zone, b.periodStart, b.version), TypedData.hash(a), TypedData.hash(b));
        if (key != keyB || hashA == hashB) revert NotAnEquivocation(key, keyB, hashA, hashB);
        _requireOracle(oracle);
        _requireSignature(oracle, _hashTypedDataV4(hashA), signatureA);
        _requireSignature(oracle, _hashTypedDataV4(hashB), signatureB);
        _expel(oracle);
        emit EquivocationProven(oracle, a.zone, a.periodStart, a.version, a.root, b.root);
    }

    /// @inheritdoc IReadingAnchor
    function setOracles(bytes[] calldata newOracles, uint8 f) external restricted {
        for (uint256 i = 0; i < _oracles.length; ++i) {
            _standings[keccak256(_oracles[i])] = Standing.None;
        }
        delete _oracles;
        _setOracles(newOracles, f);
    }

    /// @inheritdoc IReadingAnchor
    function readingsHash(bytes32 zone, uint64 periodStart, uint32 version) external view returns (bytes32) {
        return _readingsHashes[_key(zone, periodStart, version)];
    }

    /// @inheritdoc IReadingAnchor
    function isOracle(bytes calldata signer) external view returns (bool) {
        return _standings[keccak256(signer)] == Standing.Oracle;
    }

    /// @inheritdoc IReadingAnchor
    function oracles() external view returns (bytes[] memory) {
        return _oracles;
    }

    function _anchor(Statement calldata s, uint256 quorum) private {
        Readings calldata r = s.readings;
        bytes32 key = _key(r.zone, r.periodStart, r.version);
        bytes32 hash = TypedData.hash(r);
        bytes32 anchored = _readingsHashes[key];
        if (anchored == hash) return;
        if (anchored != 0) revert VersionTaken(r.zone, r.periodStart, r.version, anchored);
        _requireSound(r);
        _requireQuorum(s.signers, s.signatures, _hashTypedDataV4(hash), quorum);
        _readingsHashes[key] = hash;
        emit ReadingsAnchored(r.zone, r.periodStart, r.version, r.periodEnd, r.root, r.count);
    }

    function _requireSound(Readings calldata r) private view {
        if (r.periodStart >= r.periodEnd) revert EmptyPeriod(r.periodStart, r.periodEnd);
        if (r.periodEnd > block.timestamp) revert PeriodNotOver(r.periodEnd, block.timestamp);
        if ((r.root == 0) != (r.count == 0)) revert RootContradictsCount(r.root, r.count);
        bool follows = r.version == 1 || (r.version > 1 && _readingsHashes[_key(r.zone, r.periodStart, r.version - 1)] != 0);
        if (!follows) revert VersionSkipped(r.zone, r.periodStart, r.version);
    }

    function _requireQuorum(bytes[] calldata signers, bytes[] calldata signatures, bytes32 digest, uint256 quorum) private view {
        if (signers.length != signatures.length) revert LengthMismatch(signers.length, signatures.length);
        if (signers.length < quorum) revert QuorumNotReached(signers.length, quorum);
        bytes calldata previous = signers[0];
        for (uint256 i = 0; i < signers.length; ++i) {
            bytes calldata signer = signers[i];
            if (i > 0 && !BytesOrder.isBelow(previous, signer)) revert SignersNotRising(previous, signer);
            _requireOracle(signer);
            _requireSignature(signer, digest, signatures[i]);
            previous = signer;
        }
    }

    function _requireOracle(bytes calldata signer) private view {
        Standing standing = _standings[keccak256(signer)];
        if (standing != Standing.Oracle) revert NotAnOracle(signer, standing);
    }

    function _setOracles(bytes[] memory newOracles, uint8 f) private {
        if (3 * uint256(f) >= newOracles.length) revert TooFewOracles(newOracles.length, f);
        for (uint256 i = 0; i < newOracles.length; ++i) {
            bytes32 id = keccak256(newOracles[i]);
            if (_standings[id] != Standing.None) revert NotAnOracle(newOracles[i], _standings[id]);
            _standings[id] = Standing.Oracle;
            _oracles.push(newOracles[i]);
        }
        maxFaulty = f;
        emit OraclesChanged(newOracles, f);
    }

    function _expel(bytes calldata oracle) private {
        bytes32 id = keccak256(oracle);
        _standings[id] = Standing.Expelled;
        uint256 last = _oracles.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (keccak256(_oracles[i]) == id) {
                _oracles[i] = _oracles[last];
                break;
            }
        }
        _oracles.pop();
    }

    function _key(bytes32 zone, uint64 periodStart, uint32 version) private pure returns (bytes32) {
        return keccak256(abi.encode(zone, periodStart, version));
    }
}
