// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {Signed} from "./Signed.sol";
import {IMeterRegistry} from "./interfaces/IMeterRegistry.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IMeterRegistry, which holds all the prose.
contract MeterRegistry is IMeterRegistry, Signed, Governed {
    /// @inheritdoc IMeterRegistry
    IPartyRegistry public immutable partyRegistry;

    mapping(bytes32 meter => Meter) private _meters;
    mapping(bytes32 meter => bytes32) private _hashes;

    constructor(IPartyRegistry parties, address manager) Governed(manager) {
        partyRegistry = parties;
    }

    /// @inheritdoc IMeterRegistry
    function install(bytes32 meter, Meter calldata m, bytes calldata signature) external restricted whenNotPaused nonReentrant {
        if (meter == 0 || m.zone == 0) revert ZeroId();
        if (m.validFrom >= m.validTo) revert EmptyPeriod(m.validFrom, m.validTo);
        if (_hashes[meter] != 0) revert MeterAlreadyInstalled(meter, _meters[meter].party);
        if (partyRegistry.nonceOf(m.party) == 0) revert UnknownParty(m.party);
        bytes32 meterHash_ = TypedData.hash(meter, m);
        _requireSignature(m.signer, _hashTypedDataV4(meterHash_), signature);
        _meters[meter] = m;
        _hashes[meter] = meterHash_;
        emit MeterInstalled(meter, m.party, m.zone, m.signer, m.capacityW, m.validFrom, m.validTo);
    }

    /// @inheritdoc IMeterRegistry
    function retire(bytes32 meter, uint64 validTo) external restricted whenNotPaused {
        if (_hashes[meter] == 0) revert UnknownMeter(meter);
        Meter storage m = _meters[meter];
        uint64 earliest = m.validFrom > block.timestamp ? m.validFrom : uint64(block.timestamp);
        if (validTo < earliest || validTo >= m.validTo) revert WrongRetirement(meter, validTo, earliest, m.validTo);
        m.validTo = validTo;
        _hashes[meter] = TypedData.hash(meter, m);
        emit MeterRetired(meter, validTo);
    }

    /// @inheritdoc IMeterRegistry
    function meterOf(bytes32 meter) external view returns (Meter memory) {
        return _meters[meter];
    }

    /// @inheritdoc IMeterRegistry
    function meterHash(bytes32 meter) external view returns (bytes32) {
        return _hashes[meter];
    }

    /// @inheritdoc IMeterRegistry
    function loadProfileDigest(
        bytes32 meter,
        uint64 periodStart,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata importWh,
        uint64[] calldata exportWh
    ) external view returns (bytes32) {
        return _hashTypedDataV4(TypedData.hashLoadProfile(meter, periodStart, intervalS, version, importWh, exportWh));
    }
}
