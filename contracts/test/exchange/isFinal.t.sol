// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract IsFinalTest is Market {
    function setUp() public override {
        super.setUp();
        post(deliver(), day(1));
    }

    function test_When_NothingWasPosted() external {
        vm.warp(FAR / 2);
        vm.assertFalse(exchange.isFinal(ZONE, DAY, 2), "what was not posted is not final");
    }

    function test_When_TheWindowIsOpen() external {
        vm.warp(block.timestamp + WINDOW - 1);
        vm.assertFalse(exchange.isFinal(ZONE, DAY, 1), "one second is left");
    }

    function test_When_ItIsVoid() external {
        voidIt(clearing(DAY, 1));
        vm.warp(block.timestamp + WINDOW);
        vm.assertFalse(exchange.isFinal(ZONE, DAY, 1), "what is void is not final");
    }

    function test_When_TheWindowHasPassed() external {
        vm.warp(block.timestamp + WINDOW);
        vm.assertTrue(exchange.isFinal(ZONE, DAY, 1), "final");
    }
}
