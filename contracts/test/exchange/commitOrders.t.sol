// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IExchange} from "../../interfaces/IExchange.sol";
import {Market} from "../support/Market.sol";
import {bound, vm} from "../support/Vm.sol";

contract CommitOrdersTest is Market {
    function _commit(bytes32 inZone, uint64 start, bytes32 root, uint32 count) private {
        vm.prank(operator);
        exchange.commitOrders(inZone, start, root, count);
    }

    function test_RevertWhen_TheCallerIsNotTheOperator() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        exchange.commitOrders(ZONE, DAY, ORDERS, 3);
    }

    function test_RevertWhen_Paused() external {
        pause(exchange);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        commit(DAY);
    }

    function test_RevertWhen_TheZoneIsUnknown() external {
        bytes32 other = keccak256("elsewhere");
        vm.expectRevert(abi.encodeWithSelector(IExchange.UnknownZone.selector, other));
        _commit(other, DAY, ORDERS, 3);
    }

    function test_RevertWhen_TheGateIsClosed() external {
        vm.warp(DAY - LEAD + 1);
        vm.expectRevert(abi.encodeWithSelector(IExchange.GateClosed.selector, ZONE, DAY, DAY - LEAD, block.timestamp));
        commit(DAY);
    }

    function test_RevertWhen_TheUnitIsLongPast() external {
        vm.expectRevert(abi.encodeWithSelector(IExchange.GateClosed.selector, ZONE, 0, 0, block.timestamp));
        commit(0);
        vm.warp(DAY + 400 days);
        vm.expectRevert(abi.encodeWithSelector(IExchange.GateClosed.selector, ZONE, DAY, DAY - LEAD, block.timestamp));
        commit(DAY);
    }

    function test_RevertWhen_TheStartIsNotThatOfAUnit() external {
        vm.expectRevert(abi.encodeWithSelector(IExchange.NotAUnit.selector, ZONE, DAY + 1, DAY + 1));
        commit(DAY + 1);
        uint64 utcMidnight = DAY + 7 hours;
        vm.expectRevert(abi.encodeWithSelector(IExchange.NotAUnit.selector, ZONE, utcMidnight, utcMidnight));
        commit(utcMidnight);
    }

    function test_RevertWhen_RootAndCountContradictEachOther() external {
        vm.expectRevert(abi.encodeWithSelector(IExchange.RootContradictsCount.selector, ORDERS, 0));
        _commit(ZONE, DAY, ORDERS, 0);
        vm.expectRevert(abi.encodeWithSelector(IExchange.RootContradictsCount.selector, bytes32(0), 3));
        _commit(ZONE, DAY, 0, 3);
    }

    function test_RevertWhen_OrdersAreCommittedAlready() external {
        commit(DAY);
        vm.expectRevert(abi.encodeWithSelector(IExchange.OrdersAlreadyCommitted.selector, ZONE, DAY, ORDERS));
        _commit(ZONE, DAY, keccak256("better orders"), 4);
    }

    function test_When_ThereAreNoOrders() external {
        _commit(ZONE, DAY, 0, 0);
        (,, uint64 committedAt) = exchange.commitmentOf(ZONE, DAY);
        vm.assertEq(committedAt, block.timestamp, "nothing is committed, and that is on record");
    }

    function test_When_TheGateClosesThisVerySecond() external {
        vm.warp(DAY - LEAD);
        vm.expectEmit(address(exchange));
        emit IExchange.OrdersCommitted(ZONE, DAY, ORDERS, 3);
        commit(DAY);
        (bytes32 root, uint32 count, uint64 committedAt) = exchange.commitmentOf(ZONE, DAY);
        vm.assertTrue(root == ORDERS && count == 3 && committedAt == DAY - LEAD, "root, count and time");
    }

    function testFuzz_NoOrdersAreEverCommittedAfterTheGate(uint64 time, uint8 unit) external {
        uint64 start = DAY + uint64(unit) * UNIT;
        vm.warp(bound(time, DAY - 1 days, DAY + 100 days));
        if (block.timestamp > start - LEAD) {
            vm.expectRevert(abi.encodeWithSelector(IExchange.GateClosed.selector, ZONE, start, start - LEAD, block.timestamp));
        }
        commit(start);
    }
}
