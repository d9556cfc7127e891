// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract LastRunTest is Market {
    function test_When_ThereIsNone() external view {
        vm.assertEq(settlement.lastRun(ZONE, DAY), 0, "none");
    }

    function test_When_TheDayWasSettled() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        vm.assertEq(settlement.lastRun(ZONE, DAY), 1, "the first");
        vm.assertEq(settlement.lastRun(ZONE, DAY + 1 days), 0, "of this day alone");
    }

    function test_When_TheDayWasSettledAgain() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        settle(run(2, 1));
        vm.assertEq(settlement.lastRun(ZONE, DAY), 2, "the second");
    }
}
