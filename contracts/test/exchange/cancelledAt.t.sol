// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "../support/Keys.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract CancelledAtTest is Market {
    using Keys for Key;

    bytes32 private constant ORDER = keccak256("an order");

    function _cancel() private {
        bytes memory signature = homeKey.sign(digestOf(address(exchange), twin.hashCancelOrder(HOME, ORDER, FAR)));
        exchange.cancelOrder(HOME, ORDER, FAR, homeKey.signer, signature);
    }

    function test_When_ItWasNotCancelled() external view {
        vm.assertEq(exchange.cancelledAt(HOME, ORDER), 0, "never");
    }

    function test_When_ItWasCancelled() external {
        uint256 time = block.timestamp;
        _cancel();
        vm.warp(time + 10 days);
        vm.assertEq(exchange.cancelledAt(HOME, ORDER), time, "in that block");
    }

    function test_When_ItIsOfAnotherPartyOrAnotherOrder() external {
        _cancel();
        vm.assertEq(exchange.cancelledAt(UTILITY, ORDER), 0, "another party");
        vm.assertEq(exchange.cancelledAt(HOME, keccak256("another order")), 0, "another order");
    }
}
