// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract CommitmentOfTest is Market {
    function _expect(uint64 start, bytes32 root, uint256 orders, uint256 time) private view {
        (bytes32 ordersRoot, uint32 count, uint64 committedAt) = exchange.commitmentOf(ZONE, start);
        vm.assertEq(ordersRoot, root, "the root");
        vm.assertEq(count, orders, "how many");
        vm.assertEq(committedAt, time, "when");
    }

    function test_When_NoOrdersAreCommitted() external view {
        _expect(DAY, 0, 0, 0);
    }

    function test_When_OrdersAreCommitted() external {
        commit(DAY);
        _expect(DAY, ORDERS, 3, block.timestamp);
        _expect(DAY + UNIT, 0, 0, 0);
    }

    function test_When_ItIsCommittedThatThereAreNone() external {
        vm.prank(operator);
        exchange.commitOrders(ZONE, DAY, 0, 0);
        _expect(DAY, 0, 0, block.timestamp);
    }
}
