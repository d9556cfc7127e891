// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract VoidClearingTest is Market {
    IReadingAnchor.Readings private r;

    function setUp() public override {
        super.setUp();
        r = deliver();
        post(r, day(1));
    }

    function test_RevertWhen_TheCallerIsNotTheGuardian() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        exchange.voidClearing(clearing(DAY, 1), REASON);
    }

    function test_RevertWhen_ThereIsNoSuchClearing() external {
        IExchange.Clearing memory c = clearing(DAY, 2);
        bytes32 given = twin.hashClearing(c);
        vm.expectRevert(abi.encodeWithSelector(IExchange.NotThePostedClearing.selector, ZONE, DAY, 2, given, bytes32(0)));
        voidIt(c);
    }

    function test_RevertWhen_TheClearingHandedOverIsNotThePostedOne() external {
        IExchange.Clearing memory c = clearing(DAY, 1);
        bytes32 posted = twin.hashClearing(c);
        c.tradedWh += 1;
        bytes32 given = twin.hashClearing(c);
        vm.expectRevert(abi.encodeWithSelector(IExchange.NotThePostedClearing.selector, ZONE, DAY, 1, given, posted));
        voidIt(c);
    }

    function test_RevertWhen_ItIsVoidAlready() external {
        voidIt(clearing(DAY, 1));
        vm.expectRevert(abi.encodeWithSelector(IExchange.AlreadyVoided.selector, ZONE, DAY, 1));
        voidIt(clearing(DAY, 1));
    }

    function test_RevertWhen_ItIsFinal() external {
        vm.warp(block.timestamp + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IExchange.ClearingFinal.selector, ZONE, DAY, 1, block.timestamp));
        voidIt(clearing(DAY, 1));
    }

    function test_When_ACorrectedClearingIsPostedInItsPlace() external {
        voidIt(clearing(DAY, 1));
        vm.warp(block.timestamp + WINDOW - 1);
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.priceVndPerKwh = 1900;
        post(r, just(c));
        (bytes32 hash,, bool voided) = exchange.clearingOf(ZONE, DAY, 1);
        vm.assertTrue(hash == twin.hashClearing(c) && !voided, "the corrected one counts");
        vm.warp(block.timestamp + WINDOW - 1);
        vm.assertFalse(exchange.isFinal(ZONE, DAY, 1), "its own window is open");
        IExchange.Day memory sums = exchange.dayOf(ZONE, DAY, 1);
        vm.assertTrue(sums.units == 4 && sums.tradedMvnd == 3 * 6_000_000 + 5_700_000, "the sums are those of what counts");
        vm.assertEq(sums.finalAt, block.timestamp + 1, "and the day is final when the last of them is");
    }

    function test_When_ItsWindowIsOpen() external {
        pause(exchange);
        vm.expectEmit(address(exchange));
        emit IExchange.ClearingVoided(ZONE, DAY + 2 * UNIT, 1, REASON);
        voidIt(clearing(DAY + 2 * UNIT, 1));
        (,, bool voided) = exchange.clearingOf(ZONE, DAY + 2 * UNIT, 1);
        vm.assertTrue(voided, "it is void");
        vm.warp(block.timestamp + 100 days);
        vm.assertFalse(exchange.isFinal(ZONE, DAY + 2 * UNIT, 1), "and never becomes final");
        IExchange.Day memory sums = IExchange.Day(DAY + 1 days + WINDOW, 3, 18_000_000, 3 * 750 * 671, 54_000_000);
        vm.assertEq(abi.encode(exchange.dayOf(ZONE, DAY, 1)), abi.encode(sums), "its amounts left the sums");
    }
}
