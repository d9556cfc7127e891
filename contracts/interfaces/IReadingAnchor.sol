// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISigned} from "./ISigned.sol";

/// @title The readings a quorum of oracles stands for.
/// @notice One storage slot holds the hash of what f+1 oracles signed for a zone and a period: the Merkle root of all its readings. A correction
/// is the next version; no version is ever changed.
/// @dev With n oracles of which at most f lie or fail, 3f < n, f+1 signatures contain an honest one. The quorum is the authority, so anybody may
/// call `anchor`; anchoring the same statement again does nothing, so that nobody can spoil a batch by anchoring a part of it first.
interface IReadingAnchor is ISigned {
    /// @notice What oracles sign.
    /// @param zone where.
    /// @param periodStart first second covered.
    /// @param periodEnd first second no longer covered.
    /// @param version 1, then one more for each correction.
    /// @param root root of the readings tree; 0 when there are none.
    /// @param count how many readings it holds.
    struct Readings {
        bytes32 zone;
        uint64 periodStart;
        uint64 periodEnd;
        uint32 version;
        bytes32 root;
        uint32 count;
    }

    /// @notice Readings with the signatures of at least f+1 oracles, signers in strictly rising order of their bytes.
    struct Statement {
        Readings readings;
        bytes[] signers;
        bytes[] signatures;
    }

    /// @notice What a signer is to this contract. An expelled oracle never returns.
    enum Standing {
        None,
        Oracle,
        Expelled
    }

    /// @notice A version of a zone's readings is on record.
    event ReadingsAnchored(bytes32 indexed zone, uint64 indexed periodStart, uint32 version, uint64 periodEnd, bytes32 root, uint32 count);

    /// @notice `oracle` signed two different statements for one zone, period and version, and is no oracle any more.
    event EquivocationProven(bytes oracle, bytes32 indexed zone, uint64 indexed periodStart, uint32 version, bytes32 rootA, bytes32 rootB);

    /// @notice These are the oracles now, of which at most `f` may lie or fail.
    event OraclesChanged(bytes[] oracles, uint8 f);

    /// @notice Fewer signatures than the quorum.
    error QuorumNotReached(uint256 signatures, uint256 needed);

    /// @notice `signer` is no oracle.
    error NotAnOracle(bytes signer, Standing standing);

    /// @notice Signers must be in strictly rising order of their bytes, so that none counts twice.
    error SignersNotRising(bytes previous, bytes signer);

    /// @notice The period has not ended.
    error PeriodNotOver(uint64 periodEnd, uint256 timestamp);

    /// @notice A version is 0, or the one before it is not anchored.
    error VersionSkipped(bytes32 zone, uint64 periodStart, uint32 version);

    /// @notice Other readings are anchored under this version.
    error VersionTaken(bytes32 zone, uint64 periodStart, uint32 version, bytes32 readingsHash);

    /// @notice No readings have root 0, and some have another.
    error RootContradictsCount(bytes32 root, uint32 count);

    /// @notice 3f < n does not hold.
    error TooFewOracles(uint256 n, uint8 f);

    /// @notice The two statements are not about the same zone, period and version, or say the same.
    error NotAnEquivocation(bytes32 keyA, bytes32 keyB, bytes32 hashA, bytes32 hashB);

    /// @notice Records statements. Anyone may call: the signatures are the authority.
    function anchor(Statement[] calldata statements) external;

    /// @notice Removes an oracle that signed two different statements for one zone, period and version. Anyone may call. Works while paused.
    /// @dev f stays as it is: the oracles that remain still need f+1 signatures, of whom at most f can lie.
    function reportEquivocation(
        bytes calldata oracle,
        Readings calldata a,
        bytes calldata signatureA,
        Readings calldata b,
        bytes calldata signatureB
    ) external;

    /// @notice Replaces all oracles; 3f < n, each once, none expelled. Role: ORACLE_ADMIN. Works while paused.
    function setOracles(bytes[] calldata newOracles, uint8 f) external;

    /// @notice hashStruct(Readings) of what is anchored; 0 when nothing is.
    function readingsHash(bytes32 zone, uint64 periodStart, uint32 version) external view returns (bytes32);

    /// @notice Whether `signer` is an oracle now.
    function isOracle(bytes calldata signer) external view returns (bool);

    /// @notice The oracles, in no particular order.
    function oracles() external view returns (bytes[] memory);

    /// @notice f: how many oracles may lie or fail.
    function maxFaulty() external view returns (uint8);
}
