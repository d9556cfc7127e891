// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {Invariants} from "../support/Invariants.sol";
import {vm} from "../support/Vm.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @title What holds for the market whatever anybody does, in any order.
contract MarketInvariants is Invariants {
    MarketHandler private handler;
    IExchange private exchange;
    ISettlement private settlement;
    IReadingAnchor private anchor;
    bytes32 private zone;

    function setUp() external {
        handler = new MarketHandler();
        (exchange, settlement, anchor, zone) = handler.market();
    }

    function _handler() internal view override returns (address) {
        return address(handler);
    }

    function _actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](10);
        (list[0], list[1], list[2]) = (MarketHandler.wait.selector, MarketHandler.passHalfADay.selector, MarketHandler.commitDay.selector);
        (list[3], list[4], list[5]) = (MarketHandler.anchorDay.selector, MarketHandler.clearDay.selector, MarketHandler.voidUnit.selector);
        (list[6], list[7]) = (MarketHandler.settleDay.selector, MarketHandler.settleFalsely.selector);
        (list[8], list[9]) = (MarketHandler.clearAgain.selector, MarketHandler.commitLate.selector);
    }

    function invariant_TheSumsOfADayAreThoseOfItsClearings() external view {
        for (uint256 d = 0; d < handler.DAYS(); ++d) {
            for (uint32 version = 1; version <= handler.VERSIONS(); ++version) {
                MarketHandler.Sums memory s = handler.sumsOf(d, version);
                IExchange.Day memory day = exchange.dayOf(zone, handler.dayStart(d), version);
                vm.assertEq(day.units, s.units, unicode"units of a day = number of its clearings that are not void");
                vm.assertEq(
                    day.tradedMvnd, s.traded, unicode"Σ tradedWh × price over the clearings of a day = what it says homes pay homes"
                );
                vm.assertEq(
                    day.utilityPaysMvnd,
                    s.utilityPays,
                    unicode"Σ (toUtilityWh − unpaidWh) × published price over the clearings of a day = what it says the utility pays"
                );
                vm.assertEq(
                    day.utilityGetsMvnd,
                    s.utilityGets,
                    unicode"Σ fromUtilityWh × retail price over the clearings of a day = what it says the utility gets"
                );
                vm.assertEq(s.surplusWh, s.tradedWh + s.toUtilityWh, unicode"Σ surplus = Σ traded + Σ to the utility");
            }
        }
    }

    function invariant_MoneyIsConservedInEveryRun() external view {
        for (uint256 d = 0; d < handler.DAYS(); ++d) {
            uint32 last = settlement.lastRun(zone, handler.dayStart(d));
            for (uint32 number = 1; number <= last; ++number) {
                ISettlement.SettlementRun memory s = handler.runOf(d, number);
                MarketHandler.Sums memory sums = handler.sumsOf(d, s.readingsVersion);
                vm.assertEq(
                    s.buyersPayMvnd + s.utilityPaysMvnd,
                    s.sellersGetMvnd + s.utilityGetsMvnd,
                    unicode"Σ paid by buyers and the utility = Σ received by sellers and the utility"
                );
                vm.assertEq(
                    s.buyersPayMvnd,
                    sums.traded + sums.utilityGets,
                    unicode"what buyers pay in a run = Σ traded × price + Σ from the utility × retail price, for ever after"
                );
                vm.assertTrue(settlement.runHash(zone, s.periodStart, number) != 0, "every run up to the last is on record");
            }
        }
    }

    function invariant_WhatIsFinalNeverChanges() external view {
        for (uint256 i = 0; i < handler.DAYS() * 4; ++i) {
            for (uint32 version = 1; version <= handler.VERSIONS(); ++version) {
                uint64 start = handler.unitStart(i);
                bytes32 expected = handler.finalHash(start, version);
                if (expected == 0) continue;
                (bytes32 hash,, bool voided) = exchange.clearingOf(zone, start, version);
                vm.assertEq(hash, expected, "a final clearing is never replaced");
                vm.assertFalse(voided, "a final clearing is never void");
                vm.assertTrue(exchange.isFinal(zone, start, version), "a final clearing stays final");
            }
        }
    }

    function invariant_OrdersAreCommittedBeforeTheGateAndClearedAfterTheUnit() external view {
        for (uint256 i = 0; i < handler.DAYS() * 4; ++i) {
            uint64 start = handler.unitStart(i);
            (,, uint64 committedAt) = exchange.commitmentOf(zone, start);
            if (committedAt != 0) vm.assertLe(committedAt, start - 1 hours, unicode"time of commitment ≤ start − gate lead");
            for (uint32 version = 1; version <= handler.VERSIONS(); ++version) {
                (, uint64 postedAt,) = exchange.clearingOf(zone, start, version);
                if (postedAt != 0) vm.assertLe(start + 6 hours, postedAt, unicode"end of the unit ≤ time of clearing");
                if (postedAt != 0) vm.assertTrue(committedAt != 0, "no clearing without committed orders");
            }
        }
    }

    function invariant_VersionsHaveNoGaps() external view {
        for (uint256 d = 0; d < handler.DAYS(); ++d) {
            for (uint32 version = 1; version <= handler.VERSIONS(); ++version) {
                bool there = anchor.readingsHash(zone, handler.dayStart(d), version) != 0;
                vm.assertTrue(there == (version <= handler.versions(d)), unicode"version n + 1 is anchored only if version n is");
            }
        }
    }

    /// @dev Proves that the handler reaches what the invariants are about; without it they could hold of nothing.
    function test_TheHandlerReachesASettledAndACorrectedDay() external {
        for (uint256 i = 0; i < 4; ++i) {
            handler.passHalfADay();
        }
        for (uint32 version = 1; version <= 2; ++version) {
            handler.anchorDay(0);
            handler.clearDay(uint256(version - 1) * 768, 15, [uint64(4000), 3000, 2000, 1000], [uint16(2000), 671, 3000]);
            handler.voidUnit(uint256(version - 1) * 768);
            handler.clearDay(uint256(version - 1) * 768, 15, [uint64(8000), 3000, 2000, 1000], [uint16(2000), 671, 3000]);
            handler.passHalfADay();
            handler.settleDay(uint256(version - 1) * 768);
        }
        vm.assertEq(handler.settlements(), 2, "two runs of one day");
    }

    function invariant_NoFraudSucceeds() external view {
        vm.assertEq(handler.frauds(), 0, "no false total, no second clearing, no late order is ever accepted");
    }
}
