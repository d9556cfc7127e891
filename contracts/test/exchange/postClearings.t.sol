// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Market} from "../support/Market.sol";
import {bound, vm} from "../support/Vm.sol";

contract PostClearingsTest is Market {
    IReadingAnchor.Readings private r;

    function setUp() public override {
        super.setUp();
        r = deliver();
    }

    function _refuse(IExchange.Clearing memory c, bytes memory revertData) private {
        vm.expectRevert(revertData);
        post(r, just(c));
    }

    function test_RevertWhen_TheCallerIsNotTheOperator() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        vm.prank(guardian);
        exchange.postClearings(r, day(1));
    }

    function test_RevertWhen_Paused() external {
        pause(exchange);
        _refuse(clearing(DAY, 1), abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_TheZoneIsUnknown() external {
        r.zone = keccak256("elsewhere");
        _refuse(clearing(DAY, 1), abi.encodeWithSelector(IExchange.UnknownZone.selector, r.zone));
    }

    function test_RevertWhen_TheReadingsDoNotCoverALocalDay() external {
        r.periodEnd -= 1;
        _refuse(clearing(DAY, 1), abi.encodeWithSelector(IExchange.NotALocalDay.selector, ZONE, DAY, DAY + 1 days - 1));
        (r.periodStart, r.periodEnd) = (DAY + 7 hours, DAY + 31 hours);
        _refuse(clearing(DAY, 1), abi.encodeWithSelector(IExchange.NotALocalDay.selector, ZONE, DAY + 7 hours, DAY + 31 hours));
    }

    function test_RevertWhen_TheReadingsAreNotAnchored() external {
        r.version = 2;
        bytes memory revertData =
            abi.encodeWithSelector(IExchange.ReadingsNotAnchored.selector, ZONE, DAY, 2, twin.hashReadings(r), bytes32(0));
        _refuse(clearing(DAY, 2), revertData);
    }

    function test_RevertWhen_TheReadingsAreNotTheAnchoredOnes() external {
        bytes32 anchoredHash = twin.hashReadings(r);
        r.root = keccak256("nicer readings");
        bytes memory revertData =
            abi.encodeWithSelector(IExchange.ReadingsNotAnchored.selector, ZONE, DAY, 1, twin.hashReadings(r), anchoredHash);
        _refuse(clearing(DAY, 1), revertData);
    }

    function test_RevertWhen_TheClearingIsOfAnotherZoneVersionOrDay() external {
        for (uint256 field = 0; field < 4; ++field) {
            IExchange.Clearing memory c = clearing(DAY, 1);
            if (field == 0) c.zone = keccak256("elsewhere");
            if (field == 1) c.readingsVersion = 2;
            if (field == 2) (c.start, c.end) = (DAY - UNIT, DAY);
            if (field == 3) (c.start, c.end) = (DAY + 1 days, DAY + 1 days + UNIT);
            _refuse(c, abi.encodeWithSelector(IExchange.OutsideReadings.selector, c.zone, c.start, c.end, c.readingsVersion));
        }
    }

    function test_RevertWhen_TheClearingIsNotOfAUnit() external {
        IExchange.Clearing memory c = clearing(DAY + 1, 1);
        _refuse(c, abi.encodeWithSelector(IExchange.NotAUnit.selector, ZONE, c.start, c.end));
        c = clearing(DAY, 1);
        c.end += 1;
        _refuse(c, abi.encodeWithSelector(IExchange.NotAUnit.selector, ZONE, c.start, c.end));
    }

    function test_RevertWhen_TimeWasMovedBackBeforeTheEndOfTheUnit() external {
        vm.warp(DAY + UNIT - 1);
        _refuse(clearing(DAY, 1), abi.encodeWithSelector(IExchange.UnitNotOver.selector, DAY + UNIT, block.timestamp));
    }

    function test_RevertWhen_NoOrdersWereCommitted() external {
        r = readings(DAY - 1 days, 1, READINGS_ROOT, 48);
        anchorOne(statement(r, 0, 2));
        IExchange.Clearing memory c = clearing(DAY - 1 days, 1);
        c.ordersRoot = 0;
        _refuse(c, abi.encodeWithSelector(IExchange.OrdersNotCommitted.selector, ZONE, c.start, bytes32(0), bytes32(0)));
    }

    function test_RevertWhen_ItIsOnOtherOrders() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.ordersRoot = keccak256("better orders");
        _refuse(c, abi.encodeWithSelector(IExchange.OrdersNotCommitted.selector, ZONE, DAY, c.ordersRoot, ORDERS));
    }

    function test_RevertWhen_ItIsByAnotherMechanismThanAtGateClosure() external {
        IExchange.Zone memory z = zone();
        z.mechanism = 1;
        configure(z);
        IExchange.Clearing memory c = clearing(DAY, 1);
        (c.mechanism, c.tradedWh, c.toUtilityWh, c.fromUtilityWh) = (1, 0, 4000, 9000);
        _refuse(c, abi.encodeWithSelector(IExchange.WrongMechanism.selector, ZONE, DAY, uint8(1), uint8(2)));
    }

    function test_RevertWhen_SurplusIsLostOrFound() external {
        for (uint256 i = 0; i < 2; ++i) {
            IExchange.Clearing memory c = clearing(DAY, 1);
            c.surplusWh = i == 0 ? 3999 : 4001;
            _refuse(c, abi.encodeWithSelector(IExchange.SurplusNotConserved.selector, c.surplusWh, c.tradedWh, c.toUtilityWh));
        }
        IExchange.Clearing memory wrapped = clearing(DAY, 1);
        (wrapped.surplusWh, wrapped.toUtilityWh) = (2999, type(uint64).max);
        _refuse(wrapped, abi.encodeWithSelector(IExchange.SurplusNotConserved.selector, 2999, 3000, type(uint64).max));
    }

    function test_RevertWhen_DemandIsLostOrFound() external {
        for (uint256 i = 0; i < 2; ++i) {
            IExchange.Clearing memory c = clearing(DAY, 1);
            c.demandWh = i == 0 ? 8999 : 9001;
            _refuse(c, abi.encodeWithSelector(IExchange.DemandNotConserved.selector, c.demandWh, c.tradedWh, c.fromUtilityWh));
        }
    }

    function test_RevertWhen_MoreIsUnpaidThanWasDelivered() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.unpaidWh = 1001;
        _refuse(c, abi.encodeWithSelector(IExchange.MoreUnpaidThanDelivered.selector, 1001, 1000));
    }

    function test_RevertWhen_HomesTradeAlthoughThereIsASingleBuyer() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.mechanism = 1;
        _refuse(c, abi.encodeWithSelector(IExchange.TradedWithSingleBuyer.selector, 3000));
    }

    function test_RevertWhen_FillsRootAndCountContradictEachOther() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.fillsCount = 0;
        _refuse(c, abi.encodeWithSelector(IExchange.RootContradictsCount.selector, c.fillsRoot, 0));
        c = clearing(DAY, 1);
        c.fillsRoot = 0;
        _refuse(c, abi.encodeWithSelector(IExchange.RootContradictsCount.selector, bytes32(0), 7));
    }

    function test_RevertWhen_AClearingStandsAlready() external {
        post(r, just(clearing(DAY, 1)));
        bytes32 posted = twin.hashClearing(clearing(DAY, 1));
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.priceVndPerKwh = 1;
        _refuse(c, abi.encodeWithSelector(IExchange.AlreadyCleared.selector, ZONE, DAY, 1, posted));
    }

    function test_RevertWhen_OneUnitComesTwiceInAList() external {
        IExchange.Clearing[] memory list = day(1);
        list[3] = list[0];
        bytes32 posted = twin.hashClearing(list[0]);
        vm.expectRevert(abi.encodeWithSelector(IExchange.AlreadyCleared.selector, ZONE, DAY, 1, posted));
        post(r, list);
    }

    function test_When_TheWindowWasChangedAfterGateClosure() external {
        IExchange.Zone memory z = zone();
        z.challengeWindowS = 0;
        configure(z);
        post(r, just(clearing(DAY, 1)));
        vm.assertFalse(exchange.isFinal(ZONE, DAY, 1), "not final at once");
        vm.warp(block.timestamp + WINDOW);
        vm.assertTrue(exchange.isFinal(ZONE, DAY, 1), "final after the window that was promised");
    }

    function test_When_AnEarlierUnitHasALongerWindowThanALaterOne() external {
        vm.warp(DAY);
        IExchange.Zone memory z = zone();
        z.challengeWindowS = 1;
        configure(z);
        commit(DAY + 1 days);
        z.challengeWindowS = 2 days;
        configure(z);
        commit(DAY + 1 days + UNIT);
        z.challengeWindowS = 1;
        configure(z);
        commit(DAY + 1 days + 2 * UNIT);
        vm.warp(DAY + 2 days);
        r = readings(DAY + 1 days, 1, READINGS_ROOT, 48);
        anchorOne(statement(r, 0, 2));
        for (uint64 i = 0; i < 3; ++i) {
            post(r, just(clearing(DAY + 1 days + i * UNIT, 1)));
        }
        vm.assertEq(exchange.dayOf(ZONE, DAY + 1 days, 1).finalAt, block.timestamp + 2 days, "the last of them");
    }

    function test_When_ACorrectionOfTheReadingsFollows() external {
        post(r, day(1));
        post(anchored(2), day(2));
        vm.assertEq(exchange.dayOf(ZONE, DAY, 1).units, 4, "version 1 stays");
        vm.assertEq(exchange.dayOf(ZONE, DAY, 2).units, 4, "version 2 beside it");
    }

    function test_When_EverythingAddsUp() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        vm.expectEmit(address(exchange));
        emit IExchange.UnitCleared(ZONE, DAY, 1, 2000, 3000, twin.hashClearing(c));
        post(r, day(1));
        (bytes32 hash, uint64 postedAt, bool voided) = exchange.clearingOf(ZONE, DAY, 1);
        vm.assertTrue(hash == twin.hashClearing(c) && postedAt == block.timestamp && !voided, "hash and time");
        IExchange.Day memory sums = IExchange.Day(uint64(block.timestamp) + WINDOW, 4, 24_000_000, 2_013_000, 72_000_000);
        vm.assertEq(abi.encode(exchange.dayOf(ZONE, DAY, 1)), abi.encode(sums), "the sums of the day");
    }

    function testFuzz_TheSumsOfADayAreExactUpToTheLargestAmounts(uint64[6] calldata wh, uint32[3] calldata prices) external {
        IExchange.Clearing[] memory list = day(1);
        uint256[3] memory expected;
        for (uint256 i = 0; i < 4; ++i) {
            IExchange.Clearing memory c = list[i];
            c.tradedWh = wh[i % 2] / 2;
            c.toUtilityWh = wh[2 + i % 2] / 2;
            c.fromUtilityWh = wh[4] / 2;
            c.unpaidWh = uint64(bound(wh[5], 0, c.toUtilityWh));
            (c.surplusWh, c.demandWh) = (c.tradedWh + c.toUtilityWh, c.tradedWh + c.fromUtilityWh);
            (c.priceVndPerKwh, c.publishedPriceVndPerKwh, c.retailPriceVndPerKwh) = (prices[0], prices[1], prices[2]);
            expected[0] += uint256(c.tradedWh) * prices[0];
            expected[1] += uint256(c.toUtilityWh - c.unpaidWh) * prices[1];
            expected[2] += uint256(c.fromUtilityWh) * prices[2];
        }
        post(r, list);
        IExchange.Day memory sums = exchange.dayOf(ZONE, DAY, 1);
        vm.assertEq(sums.tradedMvnd, expected[0], unicode"traded = Σ tradedWh × price");
        vm.assertEq(sums.utilityPaysMvnd, expected[1], unicode"utility pays = Σ (toUtilityWh − unpaidWh) × published price");
        vm.assertEq(sums.utilityGetsMvnd, expected[2], unicode"utility gets = Σ fromUtilityWh × retail price");
    }
}
