// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartyRegistry} from "./IPartyRegistry.sol";
import {IReadingAnchor} from "./IReadingAnchor.sol";
import {ISigned} from "./ISigned.sol";

/// @title The market: orders committed before a market time unit, a clearing posted after it on anchored readings.
/// @notice The operator commits the Merkle root of a unit's orders before gate closure, and after delivery posts price, totals and the root of
/// the fills. The chain enforces the order of events, the identities of energy and, through the sums of a day, of money; a guardian can void a
/// clearing until its challenge window has passed.
/// @dev Trust: the operator decides which signed orders he commits and computes the fills; both are checked off chain against the roots. What
/// applies to a unit – mechanism and challenge window – is what was configured when its orders were committed, not when it was cleared.
interface IExchange is ISigned {
    /// @notice How a zone trades.
    /// @param intervalS length of a market time unit in seconds; divides a day; fixed for ever, as is `utcOffsetS`.
    /// @param utcOffsetS local standard time minus UTC in seconds: where the zone's day begins.
    /// @param gateLeadS orders must be committed at least this long before the unit.
    /// @param challengeWindowS a clearing is final this long after it was posted.
    /// @param mechanism 1 single_buyer, 2 uniform_price.
    struct Zone {
        uint32 intervalS;
        int32 utcOffsetS;
        uint32 gateLeadS;
        uint32 challengeWindowS;
        uint8 mechanism;
    }

    /// @notice The result of one market time unit. Energy in Wh, prices in đồng per kWh.
    /// @param priceVndPerKwh of the trades between homes.
    /// @param publishedPriceVndPerKwh what the utility pays for surplus.
    /// @param retailPriceVndPerKwh what the utility charges for demand.
    /// @param surplusWh all that was exported = tradedWh + toUtilityWh.
    /// @param demandWh all that was imported = tradedWh + fromUtilityWh.
    /// @param unpaidWh the part of toUtilityWh of homes with no agreement in force.
    struct Clearing {
        bytes32 zone;
        uint64 start;
        uint64 end;
        bytes32 ordersRoot;
        uint32 readingsVersion;
        uint8 mechanism;
        uint32 priceVndPerKwh;
        uint32 publishedPriceVndPerKwh;
        uint32 retailPriceVndPerKwh;
        uint64 surplusWh;
        uint64 demandWh;
        uint64 tradedWh;
        uint64 toUtilityWh;
        uint64 fromUtilityWh;
        uint64 unpaidWh;
        bytes32 fillsRoot;
        uint32 fillsCount;
    }

    /// @notice What the clearings of one local day and one readings version that are not void add up to. Money in milli-đồng.
    /// @param finalAt when the last of them becomes final.
    /// @param units how many there are.
    /// @param tradedMvnd Σ tradedWh × priceVndPerKwh: what homes pay homes.
    /// @param utilityPaysMvnd Σ (toUtilityWh − unpaidWh) × publishedPriceVndPerKwh.
    /// @param utilityGetsMvnd Σ fromUtilityWh × retailPriceVndPerKwh.
    struct Day {
        uint64 finalAt;
        uint32 units;
        uint112 tradedMvnd;
        uint112 utilityPaysMvnd;
        uint112 utilityGetsMvnd;
    }

    /// @notice A zone trades by these rules from now on.
    event ZoneConfigured(
        bytes32 indexed zone, uint32 intervalS, int32 utcOffsetS, uint32 gateLeadS, uint32 challengeWindowS, uint8 mechanism
    );

    /// @notice The orders of a unit are fixed.
    event OrdersCommitted(bytes32 indexed zone, uint64 indexed start, bytes32 ordersRoot, uint32 count);

    /// @notice A unit was cleared; the clearing itself is in the transaction's input, its hash in storage.
    event UnitCleared(
        bytes32 indexed zone, uint64 indexed start, uint32 readingsVersion, uint32 priceVndPerKwh, uint64 tradedWh, bytes32 clearingHash
    );

    /// @notice A party has withdrawn an order: no unit whose orders are committed later may hold it.
    event OrderCancelled(bytes32 indexed party, bytes32 indexed orderDigest, uint64 time);

    /// @notice A clearing no longer counts.
    event ClearingVoided(bytes32 indexed zone, uint64 indexed start, uint32 readingsVersion, bytes32 reason);

    /// @notice A zone's rules contradict themselves.
    error WrongZone(bytes32 zone, Zone given);

    /// @notice Interval and offset of a zone never change: configure another zone.
    error ZoneShapeFixed(bytes32 zone, uint32 intervalS, int32 utcOffsetS);

    /// @notice No such zone.
    error UnknownZone(bytes32 zone);

    /// @notice `start` is not the start of a market time unit of the zone.
    error NotAUnit(bytes32 zone, uint64 start, uint64 end);

    /// @notice The gate of the unit is closed.
    error GateClosed(bytes32 zone, uint64 start, uint64 gateClosure, uint256 timestamp);

    /// @notice The orders of the unit are committed already.
    error OrdersAlreadyCommitted(bytes32 zone, uint64 start, bytes32 ordersRoot);

    /// @notice No orders have root 0, and some have another; so it is with fills.
    error RootContradictsCount(bytes32 root, uint32 count);

    /// @notice The readings are not the ones anchored.
    error ReadingsNotAnchored(bytes32 zone, uint64 periodStart, uint32 version, bytes32 given, bytes32 anchored);

    /// @notice The readings do not cover exactly one local day of the zone.
    error NotALocalDay(bytes32 zone, uint64 periodStart, uint64 periodEnd);

    /// @notice The clearing is not about the zone, the version or the day of the readings.
    error OutsideReadings(bytes32 zone, uint64 start, uint64 end, uint32 readingsVersion);

    /// @notice The unit has not ended.
    error UnitNotOver(uint64 end, uint256 timestamp);

    /// @notice The clearing is not on the orders committed for the unit.
    error OrdersNotCommitted(bytes32 zone, uint64 start, bytes32 given, bytes32 committed);

    /// @notice The clearing is not by the mechanism in force when the orders were committed.
    error WrongMechanism(bytes32 zone, uint64 start, uint8 given, uint8 committed);

    /// @notice surplus = traded + toUtility does not hold.
    error SurplusNotConserved(uint64 surplusWh, uint64 tradedWh, uint64 toUtilityWh);

    /// @notice demand = traded + fromUtility does not hold.
    error DemandNotConserved(uint64 demandWh, uint64 tradedWh, uint64 fromUtilityWh);

    /// @notice More is unpaid than went to the utility.
    error MoreUnpaidThanDelivered(uint64 unpaidWh, uint64 toUtilityWh);

    /// @notice With a single buyer homes do not trade with each other.
    error TradedWithSingleBuyer(uint64 tradedWh);

    /// @notice A clearing of the unit at this readings version stands already.
    error AlreadyCleared(bytes32 zone, uint64 start, uint32 readingsVersion, bytes32 clearingHash);

    /// @notice The clearing is not the one that stands.
    error NotThePostedClearing(bytes32 zone, uint64 start, uint32 readingsVersion, bytes32 given, bytes32 posted);

    /// @notice The clearing is void already.
    error AlreadyVoided(bytes32 zone, uint64 start, uint32 readingsVersion);

    /// @notice The clearing is final.
    error ClearingFinal(bytes32 zone, uint64 start, uint32 readingsVersion, uint64 finalAt);

    /// @notice The order is cancelled already.
    error OrderAlreadyCancelled(bytes32 party, bytes32 orderDigest, uint64 time);

    /// @notice The registry that says who may sign for a party.
    function partyRegistry() external view returns (IPartyRegistry);

    /// @notice Where readings are anchored.
    function readingAnchor() external view returns (IReadingAnchor);

    /// @notice Opens a zone, or changes its gate, window or mechanism for units whose orders are committed from now on. Role: OPERATOR.
    function configureZone(bytes32 zone, Zone calldata z) external;

    /// @notice Fixes the orders of a unit, once, not later than start − gateLeadS. Role: OPERATOR.
    /// @param ordersRoot root of the orders tree; 0 when there are none.
    /// @param count how many orders it holds.
    function commitOrders(bytes32 zone, uint64 start, bytes32 ordersRoot, uint32 count) external;

    /// @notice Posts clearings of units of one local day on one anchored version of its readings. Role: OPERATOR.
    /// @dev Once per (zone, start, readingsVersion), unless the one that stood there was voided.
    /// @param readings as anchored; they cover the zone's local day.
    function postClearings(IReadingAnchor.Readings calldata readings, Clearing[] calldata clearings) external;

    /// @notice Withdraws an order at its party's wish. Anyone may bring the signature. Works while paused.
    /// @param signature by `signer`, who stands for `party`, over CancelOrder(party, orderDigest, deadline).
    function cancelOrder(bytes32 party, bytes32 orderDigest, uint64 deadline, bytes calldata signer, bytes calldata signature) external;

    /// @notice Takes back a clearing before it is final; a corrected one may be posted in its place. Role: GUARDIAN. Works while paused.
    /// @param clearing as posted: its amounts leave the sums of the day.
    /// @param reason keccak256 of a public reason code.
    function voidClearing(Clearing calldata clearing, bytes32 reason) external;

    /// @notice hashStruct of the clearing that was posted last, when, and whether it is void; zeros when none was.
    function clearingOf(bytes32 zone, uint64 start, uint32 readingsVersion)
        external
        view
        returns (bytes32 clearingHash, uint64 postedAt, bool voided);

    /// @notice The orders of a unit; `committedAt` is 0 when none are committed.
    function commitmentOf(bytes32 zone, uint64 start) external view returns (bytes32 ordersRoot, uint32 count, uint64 committedAt);

    /// @notice When an order was cancelled; 0 when it was not.
    function cancelledAt(bytes32 party, bytes32 orderDigest) external view returns (uint64);

    /// @notice Whether a clearing is posted, not void, and its challenge window has passed. Once true it stays true.
    function isFinal(bytes32 zone, uint64 start, uint32 readingsVersion) external view returns (bool);

    /// @notice What the clearings of a local day add up to.
    /// @param periodStart the day's first second, UTC.
    function dayOf(bytes32 zone, uint64 periodStart, uint32 readingsVersion) external view returns (Day memory);

    /// @notice How a zone trades; all zeros when it is unknown.
    function zoneOf(bytes32 zone) external view returns (Zone memory);
}
