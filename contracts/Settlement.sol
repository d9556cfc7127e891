// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ClearingMath} from "./libraries/ClearingMath.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title ISettlement, which holds all the prose.
contract Settlement is ISettlement, Governed {
    /// @dev One slot.
    struct Last {
        uint32 run;
        uint32 readingsVersion;
    }

    /// @inheritdoc ISettlement
    IExchange public immutable exchange;

    mapping(bytes32 key => bytes32) private _runHashes;
    mapping(bytes32 key => Last) private _lasts;

    constructor(IExchange exchange_, address manager) Governed(manager) {
        exchange = exchange_;
    }

    /// @inheritdoc ISettlement
    function settle(SettlementRun calldata s) external restricted whenNotPaused {
        if (uint256(s.periodStart) + 1 days != s.periodEnd) revert NotADay(s.periodStart, s.periodEnd);
        if ((s.positionsRoot == 0) != (s.positionsCount == 0)) revert RootContradictsCount(s.positionsRoot, s.positionsCount);
        _next(s);
        _requireCleared(s);
        bytes32 hash = TypedData.hash(s);
        _runHashes[_runKey(s.zone, s.periodStart, s.run)] = hash;
        emit PeriodSettled(s.zone, s.periodStart, s.run, s.readingsVersion, s.positionsRoot, hash);
    }

    /// @inheritdoc ISettlement
    function runHash(bytes32 zone, uint64 periodStart, uint32 run) external view returns (bytes32) {
        return _runHashes[_runKey(zone, periodStart, run)];
    }

    /// @inheritdoc ISettlement
    function lastRun(bytes32 zone, uint64 periodStart) external view returns (uint32) {
        return _lasts[keccak256(abi.encode(zone, periodStart))].run;
    }

    function _runKey(bytes32 zone, uint64 periodStart, uint32 run) private pure returns (bytes32) {
        return keccak256(abi.encode(zone, periodStart, run));
    }

    function _next(SettlementRun calldata s) private {
        Last storage last = _lasts[keccak256(abi.encode(s.zone, s.periodStart))];
        if (s.run != uint256(last.run) + 1) revert WrongRun(s.zone, s.periodStart, s.run, last.run + 1);
        if (s.readingsVersion < last.readingsVersion) {
            revert ReadingsVersionWentBack(s.zone, s.periodStart, s.readingsVersion, last.readingsVersion);
        }
        (last.run, last.readingsVersion) = (s.run, s.readingsVersion);
    }

    function _requireCleared(SettlementRun calldata s) private view {
        uint32 intervalS = exchange.zoneOf(s.zone).intervalS;
        if (intervalS == 0) revert UnknownZone(s.zone);
        uint32 units = 1 days / intervalS;
        IExchange.Day memory day = exchange.dayOf(s.zone, s.periodStart, s.readingsVersion);
        if (day.units != units) revert DayNotCleared(s.zone, s.periodStart, s.readingsVersion, day.units, units);
        if (block.timestamp < day.finalAt) revert DayNotFinal(s.zone, s.periodStart, day.finalAt, block.timestamp);
        uint256[4] memory cleared = ClearingMath.totals(day);
        uint256[4] memory given = [s.buyersPayMvnd, s.sellersGetMvnd, s.utilityPaysMvnd, s.utilityGetsMvnd];
        for (uint256 i = 0; i < 4; ++i) {
            if (given[i] != cleared[i]) revert MoneyNotConserved(given, cleared);
        }
    }
}
