// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract SettleTest is Market {
    IReadingAnchor.Readings private r;

    function setUp() public override {
        super.setUp();
        r = deliver();
        post(r, day(1));
        vm.warp(block.timestamp + WINDOW);
    }

    function _refuse(ISettlement.SettlementRun memory s, bytes memory revertData) private {
        vm.expectRevert(revertData);
        settle(s);
    }

    function _totals(ISettlement.SettlementRun memory s) private pure returns (uint256[4] memory) {
        return [s.buyersPayMvnd, s.sellersGetMvnd, s.utilityPaysMvnd, s.utilityGetsMvnd];
    }

    function test_RevertWhen_TheCallerIsNotTheOperator() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, recorder));
        vm.prank(recorder);
        settlement.settle(run(1, 1));
    }

    function test_RevertWhen_Paused() external {
        pause(settlement);
        _refuse(run(1, 1), abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_ThePeriodIsNotADay() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        s.periodEnd += 1 days;
        _refuse(s, abi.encodeWithSelector(ISettlement.NotADay.selector, DAY, DAY + 2 days));
    }

    function test_RevertWhen_PositionsRootAndCountContradictEachOther() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        s.positionsCount = 0;
        _refuse(s, abi.encodeWithSelector(ISettlement.RootContradictsCount.selector, s.positionsRoot, 0));
    }

    function test_RevertWhen_TheRunIsNotTheNextOne() external {
        _refuse(run(0, 1), abi.encodeWithSelector(ISettlement.WrongRun.selector, ZONE, DAY, 0, 1));
        _refuse(run(2, 1), abi.encodeWithSelector(ISettlement.WrongRun.selector, ZONE, DAY, 2, 1));
        settle(run(1, 1));
        _refuse(run(1, 1), abi.encodeWithSelector(ISettlement.WrongRun.selector, ZONE, DAY, 1, 2));
    }

    function test_RevertWhen_TheReadingsAreOlderThanThoseSettled() external {
        post(anchored(2), day(2));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 2));
        _refuse(run(2, 1), abi.encodeWithSelector(ISettlement.ReadingsVersionWentBack.selector, ZONE, DAY, 1, 2));
    }

    function test_RevertWhen_TheZoneIsUnknown() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        s.zone = keccak256("elsewhere");
        _refuse(s, abi.encodeWithSelector(ISettlement.UnknownZone.selector, s.zone));
    }

    function test_RevertWhen_AUnitIsNotCleared() external {
        IExchange.Clearing[] memory list = day(2);
        r = anchored(2);
        for (uint256 i = 0; i < 3; ++i) {
            post(r, just(list[i]));
        }
        vm.warp(block.timestamp + WINDOW);
        _refuse(run(1, 2), abi.encodeWithSelector(ISettlement.DayNotCleared.selector, ZONE, DAY, 2, 3, 4));
    }

    function test_RevertWhen_AUnitWasVoided() external {
        post(anchored(2), day(2));
        voidIt(clearing(DAY + UNIT, 2));
        vm.warp(block.timestamp + WINDOW);
        _refuse(run(1, 2), abi.encodeWithSelector(ISettlement.DayNotCleared.selector, ZONE, DAY, 2, 3, 4));
    }

    function test_RevertWhen_TheDayIsNotTheLocalOne() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        (s.periodStart, s.periodEnd) = (DAY + 7 hours, DAY + 31 hours);
        _refuse(s, abi.encodeWithSelector(ISettlement.DayNotCleared.selector, ZONE, DAY + 7 hours, 1, 0, 4));
    }

    function test_RevertWhen_AClearingCanStillBeChallenged() external {
        post(anchored(2), day(2));
        uint64 finalAt = uint64(block.timestamp) + WINDOW;
        vm.warp(finalAt - 1);
        _refuse(run(1, 2), abi.encodeWithSelector(ISettlement.DayNotFinal.selector, ZONE, DAY, finalAt, block.timestamp));
    }

    function test_RevertWhen_AnyTotalIsOneOff() external {
        uint256[4] memory cleared = _totals(run(1, 1));
        for (uint256 i = 0; i < 8; ++i) {
            ISettlement.SettlementRun memory s = run(1, 1);
            uint256 off = i % 2 == 0 ? 1 : type(uint256).max;
            unchecked {
                if (i / 2 == 0) s.buyersPayMvnd += off;
                if (i / 2 == 1) s.sellersGetMvnd += off;
                if (i / 2 == 2) s.utilityPaysMvnd += off;
                if (i / 2 == 3) s.utilityGetsMvnd += off;
            }
            _refuse(s, abi.encodeWithSelector(ISettlement.MoneyNotConserved.selector, _totals(s), cleared));
        }
    }

    function test_RevertWhen_ATotalIsMovedFromOneSideToTheOther() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        (s.buyersPayMvnd, s.utilityGetsMvnd) = (s.buyersPayMvnd + 5, s.utilityGetsMvnd + 5);
        _refuse(s, abi.encodeWithSelector(ISettlement.MoneyNotConserved.selector, _totals(s), _totals(run(1, 1))));
    }

    function test_When_ACorrectionIsSettled() external {
        settle(run(1, 1));
        post(anchored(2), day(2));
        vm.warp(block.timestamp + WINDOW);
        settle(run(2, 2));
        vm.assertEq(settlement.lastRun(ZONE, DAY), 2, "two runs");
        vm.assertEq(settlement.runHash(ZONE, DAY, 1), twin.hashSettlementRun(run(1, 1)), "the first stays");
        vm.assertEq(settlement.runHash(ZONE, DAY, 2), twin.hashSettlementRun(run(2, 2)), "the second beside it");
    }

    function test_When_EveryUnitIsFinalAndEveryTotalRight() external {
        ISettlement.SettlementRun memory s = run(1, 1);
        bytes32 hash = twin.hashSettlementRun(s);
        vm.expectEmit(address(settlement));
        emit ISettlement.PeriodSettled(ZONE, DAY, 1, 1, s.positionsRoot, hash);
        settle(s);
        vm.assertEq(settlement.runHash(ZONE, DAY, 1), hash, "the hash of the run");
        vm.assertEq(settlement.lastRun(ZONE, DAY), 1, "its number");
    }

    function testFuzz_OnlyTheTotalsOfTheClearingsSettle(uint256[4] calldata given, uint8 right) external {
        ISettlement.SettlementRun memory s = run(1, 1);
        uint256[4] memory cleared = _totals(s);
        if (right & 1 == 0) s.buyersPayMvnd = given[0];
        if (right & 2 == 0) s.sellersGetMvnd = given[1];
        if (right & 4 == 0) s.utilityPaysMvnd = given[2];
        if (right & 8 == 0) s.utilityGetsMvnd = given[3];
        bool same = keccak256(abi.encode(_totals(s))) == keccak256(abi.encode(cleared));
        if (!same) vm.expectRevert(abi.encodeWithSelector(ISettlement.MoneyNotConserved.selector, _totals(s), cleared));
        settle(s);
        if (same) vm.assertEq(s.buyersPayMvnd + s.utilityPaysMvnd, s.sellersGetMvnd + s.utilityGetsMvnd, "money is conserved");
    }
}
