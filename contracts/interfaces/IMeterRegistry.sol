// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartyRegistry} from "./IPartyRegistry.sol";
import {ISigned} from "./ISigned.sol";

/// @title Which meter measures for whom, where, how much it can deliver, and with which key it signs.
/// @notice A meter is a random 32-byte id; serial numbers never reach the chain. It is installed once and can be retired; a meter that moves
/// to another party or zone gets a new id, so that old readings keep their meaning.
/// @dev The REGISTRAR answers for what is true outside (who lives where); the meter's signature proves that its key agreed.
interface IMeterRegistry is ISigned {
    /// @notice What is known of a meter.
    /// @param party whose energy it measures.
    /// @param zone where.
    /// @param signer its key, ERC-7913.
    /// @param capacityW the most it can export, in watts; 0 when it only consumes.
    /// @param validFrom first second in service.
    /// @param validTo first second out of service; 2^64-1 for no end.
    struct Meter {
        bytes32 party;
        bytes32 zone;
        bytes signer;
        uint64 capacityW;
        uint64 validFrom;
        uint64 validTo;
    }

    /// @notice A meter is in service from `validFrom` on.
    event MeterInstalled(
        bytes32 indexed meter, bytes32 indexed party, bytes32 indexed zone, bytes signer, uint64 capacityW, uint64 validFrom, uint64 validTo
    );

    /// @notice A meter is out of service from `validTo` on.
    event MeterRetired(bytes32 indexed meter, uint64 validTo);

    /// @notice The id is taken.
    error MeterAlreadyInstalled(bytes32 meter, bytes32 party);

    /// @notice No such meter.
    error UnknownMeter(bytes32 meter);

    /// @notice The party has never been registered.
    error UnknownParty(bytes32 party);

    /// @notice The new end of service is in the past, before its beginning, or not earlier than the end it has.
    error WrongRetirement(bytes32 meter, uint64 validTo, uint64 earliest, uint64 latest);

    /// @notice The registry of the parties meters belong to.
    function partyRegistry() external view returns (IPartyRegistry);

    /// @notice Puts a meter into service. Role: REGISTRAR.
    /// @param signature by `m.signer` over Meter(meter, party, zone, signer, capacityW, validFrom, validTo).
    function install(bytes32 meter, Meter calldata m, bytes calldata signature) external;

    /// @notice Takes a meter out of service, now or later, never in the past. Role: REGISTRAR.
    function retire(bytes32 meter, uint64 validTo) external;

    /// @notice What is known of a meter; all zeros when it was never installed.
    function meterOf(bytes32 meter) external view returns (Meter memory);

    /// @notice hashStruct(Meter) of a meter as it stands now: one storage slot that proves everything about it; 0 when never installed.
    function meterHash(bytes32 meter) external view returns (bytes32);

    /// @notice What a meter signs for one day: the digest of LoadProfile. Nothing is stored; oracles check it off chain.
    /// @param intervalS seconds of one interval.
    /// @param importWh energy taken in each interval, Wh.
    /// @param exportWh energy delivered in each interval, Wh.
    function loadProfileDigest(
        bytes32 meter,
        uint64 periodStart,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata importWh,
        uint64[] calldata exportWh
    ) external view returns (bytes32);
}
