// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title A zone with four units of six hours a day at UTC+7, gates an hour before and a challenge window of half an hour.
abstract contract Market is World {
    uint32 internal constant UNIT = 6 hours;
    uint32 internal constant LEAD = 1 hours;
    uint32 internal constant WINDOW = 30 minutes;
    bytes32 internal constant ORDERS = keccak256("the orders");
    bytes32 internal constant REASON = keccak256("wrong-price");
    bytes32 internal constant READINGS_ROOT = keccak256("the readings");

    function setUp() public virtual override {
        super.setUp();
        configure(zone());
    }

    function zone() internal pure returns (IExchange.Zone memory) {
        return IExchange.Zone(UNIT, 7 hours, LEAD, WINDOW, 2);
    }

    function configure(IExchange.Zone memory z) internal {
        vm.prank(operator);
        exchange.configureZone(ZONE, z);
    }

    function commit(uint64 start) internal {
        vm.prank(operator);
        exchange.commitOrders(ZONE, start, ORDERS, 3);
    }

    /// @dev Commits the day's four units, waits for the day to end and anchors its readings.
    function deliver() internal returns (IReadingAnchor.Readings memory r) {
        for (uint64 start = DAY; start < DAY + 1 days; start += UNIT) {
            commit(start);
        }
        vm.warp(DAY + 1 days);
        return anchored(1);
    }

    function anchored(uint32 version) internal returns (IReadingAnchor.Readings memory r) {
        r = readings(DAY, version, READINGS_ROOT, 48);
        anchorOne(statement(r, 0, 2));
    }

    /// @dev 4 kWh exported and 9 kWh imported: 3 kWh traded at 2,000 đ/kWh, 1 kWh to the utility at 671, of it a quarter unpaid, 6 from it at 3,000.
    function clearing(uint64 start, uint32 version) internal pure returns (IExchange.Clearing memory c) {
        (c.zone, c.start, c.end, c.ordersRoot) = (ZONE, start, start + UNIT, ORDERS);
        (c.readingsVersion, c.mechanism) = (version, 2);
        (c.priceVndPerKwh, c.publishedPriceVndPerKwh, c.retailPriceVndPerKwh) = (2000, 671, 3000);
        (c.surplusWh, c.demandWh, c.tradedWh) = (4000, 9000, 3000);
        (c.toUtilityWh, c.fromUtilityWh, c.unpaidWh) = (1000, 6000, 250);
        (c.fillsRoot, c.fillsCount) = (keccak256("the fills"), 7);
    }

    function day(uint32 version) internal pure returns (IExchange.Clearing[] memory list) {
        list = new IExchange.Clearing[](4);
        for (uint64 i = 0; i < 4; ++i) {
            list[i] = clearing(DAY + i * UNIT, version);
        }
    }

    function just(IExchange.Clearing memory c) internal pure returns (IExchange.Clearing[] memory list) {
        list = new IExchange.Clearing[](1);
        list[0] = c;
    }

    function post(IReadingAnchor.Readings memory r, IExchange.Clearing[] memory list) internal {
        vm.prank(operator);
        exchange.postClearings(r, list);
    }

    function voidIt(IExchange.Clearing memory c) internal {
        vm.prank(guardian);
        exchange.voidClearing(c, REASON);
    }

    /// @dev The run that four units of `clearing` make, worked out by hand in milli-đồng.
    function run(uint32 number, uint32 version) internal pure returns (ISettlement.SettlementRun memory s) {
        (s.zone, s.periodStart, s.periodEnd) = (ZONE, DAY, DAY + 1 days);
        (s.run, s.readingsVersion) = (number, version);
        (s.positionsRoot, s.positionsCount) = (keccak256("the positions"), 2);
        s.utilityPaysMvnd = 4 * 750 * 671;
        s.utilityGetsMvnd = 4 * 6000 * 3000;
        s.buyersPayMvnd = 4 * (3000 * 2000 + 6000 * 3000);
        s.sellersGetMvnd = 4 * (3000 * 2000 + 750 * 671);
    }

    function settle(ISettlement.SettlementRun memory s) internal {
        vm.prank(operator);
        settlement.settle(s);
    }
}
