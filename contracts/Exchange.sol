// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {Signed} from "./Signed.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {IReadingAnchor} from "./interfaces/IReadingAnchor.sol";
import {ClearingMath} from "./libraries/ClearingMath.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IExchange, which holds all the prose.
contract Exchange is IExchange, Signed, Governed {
    using ClearingMath for Day;

    /// @dev Two slots. Mechanism and window are kept from the moment the gate closed, so that a later change of the zone cannot touch the unit.
    struct Commitment {
        bytes32 ordersRoot;
        uint64 committedAt;
        uint32 count;
        uint32 challengeWindowS;
        uint8 mechanism;
    }

    /// @dev Two slots.
    struct Posted {
        bytes32 clearingHash;
        uint64 postedAt;
        uint64 finalAt;
        bool voided;
    }

    /// @inheritdoc IExchange
    IPartyRegistry public immutable partyRegistry;
    /// @inheritdoc IExchange
    IReadingAnchor public immutable readingAnchor;

    mapping(bytes32 zone => Zone) private _zones;
    // These two are written through storage pointers, which the detector does not follow.
    // slither-disable-start uninitialized-state
    mapping(bytes32 key => Commitment) private _commitments;
    mapping(bytes32 key => Posted) private _clearings;
    // slither-disable-end uninitialized-state
    mapping(bytes32 key => Day) private _days;
    mapping(bytes32 party => mapping(bytes32 orderDigest => uint64)) private _cancelledAt;

    constructor(IPartyRegistry parties, IReadingAnchor anchor, address manager) Governed(manager) {
        partyRegistry = parties;
        readingAnchor = anchor;
    }

    /// @inheritdoc IExchange
    function configureZone(bytes32 zone, Zone calldata z) external restricted whenNotPaused {
        if (zone == 0) revert ZeroId();
        bool tiles = z.intervalS >= 1 minutes && 1 days % z.intervalS == 0;
        bool placed = z.utcOffsetS > -1 days && z.utcOffsetS < 1 days;
        bool known = z.mechanism == ClearingMath.SINGLE_BUYER || z.mechanism == ClearingMath.UNIFORM_PRICE;
        if (!tiles || !placed || !known) revert WrongZone(zone, z);
        Zone storage old = _zones[zone];
        bool shaped = old.intervalS != 0;
        if (shaped && (old.intervalS != z.intervalS || old.utcOffsetS != z.utcOffsetS)) {
            revert ZoneShapeFixed(zone, old.intervalS, old.utcOffsetS);
        }
        _zones[zone] = z;
        emit ZoneConfigured(zone, z.intervalS, z.utcOffsetS, z.gateLeadS, z.challengeWindowS, z.mechanism);
    }

    /// @inheritdoc IExchange
    function commitOrders(bytes32 zone, uint64 start, bytes32 ordersRoot, uint32 count) external restricted whenNotPaused {
        Zone memory z = _zoneOf(zone);
        uint64 gate = start < z.gateLeadS ? 0 : start - z.gateLeadS;
        if (block.timestamp > gate) revert GateClosed(zone, start, gate, block.timestamp);
        if (_secondOfDay(z, start) % z.intervalS != 0) revert NotAUnit(zone, start, start);
        if ((ordersRoot == 0) != (count == 0)) revert RootContradictsCount(ordersRoot, count);
        Commitment storage c = _commitments[_unitKey(zone, start)];
        if (c.committedAt != 0) revert OrdersAlreadyCommitted(zone, start, c.ordersRoot);
        (c.ordersRoot, c.committedAt, c.count) = (ordersRoot, uint64(block.timestamp), count);
        (c.challengeWindowS, c.mechanism) = (z.challengeWindowS, z.mechanism);
        emit OrdersCommitted(zone, start, ordersRoot, count);
    }

    /// @inheritdoc IExchange
    function postClearings(IReadingAnchor.Readings calldata readings, Clearing[] calldata clearings) external restricted whenNotPaused {
        Zone memory z = _zoneOf(readings.zone);
        if (_secondOfDay(z, readings.periodStart) != 0 || uint256(readings.periodStart) + 1 days != readings.periodEnd) {
            revert NotALocalDay(readings.zone, readings.periodStart, readings.periodEnd);
        }
        _requireAnchored(readings);
        bytes32 key = _versionKey(readings.zone, readings.periodStart, readings.version);
        Day memory day = _days[key];
        for (uint256 i = 0; i < clearings.length; ++i) {
            _requireCovered(readings, clearings[i], z.intervalS);
            day.add(clearings[i], _post(clearings[i]));
        }
        _days[key] = day;
    }

    /// @inheritdoc IExchange
    function cancelOrder(bytes32 party, bytes32 orderDigest, uint64 deadline, bytes calldata signer, bytes calldata signature)
        external
        nonReentrant
    {
        _requireBefore(deadline);
        uint64 time = _cancelledAt[party][orderDigest];
        if (time != 0) revert OrderAlreadyCancelled(party, orderDigest, time);
        bytes32 digest = _hashTypedDataV4(TypedData.hashCancelOrder(party, orderDigest, deadline));
        if (!partyRegistry.isValidSignature(party, signer, digest, signature)) revert InvalidSignature(signer, digest);
        time = uint64(block.timestamp);
        _cancelledAt[party][orderDigest] = time;
        emit OrderCancelled(party, orderDigest, time);
    }

    /// @inheritdoc IExchange
    function voidClearing(Clearing calldata c, bytes32 reason) external restricted {
        Posted storage posted = _clearings[_versionKey(c.zone, c.start, c.readingsVersion)];
        bytes32 given = TypedData.hash(c);
        if (given != posted.clearingHash) revert NotThePostedClearing(c.zone, c.start, c.readingsVersion, given, posted.clearingHash);
        if (posted.voided) revert AlreadyVoided(c.zone, c.start, c.readingsVersion);
        if (block.timestamp >= posted.finalAt) revert ClearingFinal(c.zone, c.start, c.readingsVersion, posted.finalAt);
        posted.voided = true;
        bytes32 key = _versionKey(c.zone, c.start - _secondOfDay(_zones[c.zone], c.start), c.readingsVersion);
        Day memory day = _days[key];
        day.subtract(c);
        _days[key] = day;
        emit ClearingVoided(c.zone, c.start, c.readingsVersion, reason);
    }

    /// @inheritdoc IExchange
    function clearingOf(bytes32 zone, uint64 start, uint32 readingsVersion)
        external
        view
        returns (bytes32 clearingHash, uint64 postedAt, bool voided)
    {
        Posted storage posted = _clearings[_versionKey(zone, start, readingsVersion)];
        return (posted.clearingHash, posted.postedAt, posted.voided);
    }

    /// @inheritdoc IExchange
    function commitmentOf(bytes32 zone, uint64 start) external view returns (bytes32 ordersRoot, uint32 count, uint64 committedAt) {
        Commitment storage c = _commitments[_unitKey(zone, start)];
        return (c.ordersRoot, c.count, c.committedAt);
    }

    /// @inheritdoc IExchange
    function cancelledAt(bytes32 party, bytes32 orderDigest) external view returns (uint64) {
        return _cancelledAt[party][orderDigest];
    }

    /// @inheritdoc IExchange
    function isFinal(bytes32 zone, uint64 start, uint32 readingsVersion) external view returns (bool) {
        Posted storage posted = _clearings[_versionKey(zone, start, readingsVersion)];
        return posted.postedAt != 0 && !posted.voided && block.timestamp >= posted.finalAt;
    }

    /// @inheritdoc IExchange
    function dayOf(bytes32 zone, uint64 periodStart, uint32 readingsVersion) external view returns (Day memory) {
        return _days[_versionKey(zone, periodStart, readingsVersion)];
    }

    /// @inheritdoc IExchange
    function zoneOf(bytes32 zone) external view returns (Zone memory) {
        return _zones[zone];
    }

    function _requireAnchored(IReadingAnchor.Readings calldata r) private view {
        bytes32 given = TypedData.hash(r);
        bytes32 anchored = readingAnchor.readingsHash(r.zone, r.periodStart, r.version);
        if (given != anchored) revert ReadingsNotAnchored(r.zone, r.periodStart, r.version, given, anchored);
    }

    function _requireCovered(IReadingAnchor.Readings calldata r, Clearing calldata c, uint32 intervalS) private view {
        bool covered = c.start >= r.periodStart && c.end <= r.periodEnd;
        if (c.zone != r.zone || c.readingsVersion != r.version || !covered) {
            revert OutsideReadings(c.zone, c.start, c.end, c.readingsVersion);
        }
        if ((c.start - r.periodStart) % intervalS != 0 || uint256(c.start) + intervalS != c.end) revert NotAUnit(c.zone, c.start, c.end);
        if (block.timestamp < c.end) revert UnitNotOver(c.end, block.timestamp);
    }

    function _post(Clearing calldata c) private returns (uint64 finalAt) {
        ClearingMath.requireConserved(c);
        if ((c.fillsRoot == 0) != (c.fillsCount == 0)) revert RootContradictsCount(c.fillsRoot, c.fillsCount);
        Commitment storage committed = _commitments[_unitKey(c.zone, c.start)];
        if (committed.committedAt == 0 || committed.ordersRoot != c.ordersRoot) {
            revert OrdersNotCommitted(c.zone, c.start, c.ordersRoot, committed.ordersRoot);
        }
        if (committed.mechanism != c.mechanism) revert WrongMechanism(c.zone, c.start, c.mechanism, committed.mechanism);
        Posted storage posted = _clearings[_versionKey(c.zone, c.start, c.readingsVersion)];
        if (posted.postedAt != 0 && !posted.voided) revert AlreadyCleared(c.zone, c.start, c.readingsVersion, posted.clearingHash);
        bytes32 clearingHash = TypedData.hash(c);
        finalAt = uint64(block.timestamp) + committed.challengeWindowS;
        posted.clearingHash = clearingHash;
        (posted.postedAt, posted.finalAt, posted.voided) = (uint64(block.timestamp), finalAt, false);
        emit UnitCleared(c.zone, c.start, c.readingsVersion, c.priceVndPerKwh, c.tradedWh, clearingHash);
    }

    function _zoneOf(bytes32 zone) private view returns (Zone memory z) {
        z = _zones[zone];
        if (z.intervalS == 0) revert UnknownZone(zone);
    }

    /// @dev Seconds since the zone's local midnight.
    function _secondOfDay(Zone memory z, uint64 time) private pure returns (uint64) {
        return uint64(uint256(int256(uint256(time)) + z.utcOffsetS + 1 days) % 1 days);
    }

    function _unitKey(bytes32 zone, uint64 start) private pure returns (bytes32) {
        return keccak256(abi.encode(zone, start));
    }

    function _versionKey(bytes32 zone, uint64 start, uint32 version) private pure returns (bytes32) {
        return keccak256(abi.encode(zone, start, version));
    }
}
