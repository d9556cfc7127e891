// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract RunHashTest is Market {
    function test_When_ThereIsNoSuchRun() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        vm.assertEq(settlement.runHash(ZONE, DAY, 0), 0, "runs begin at one");
        vm.assertEq(settlement.runHash(ZONE, DAY, 2), 0, "not yet");
        vm.assertEq(settlement.runHash(ZONE, DAY + 1 days, 1), 0, "another day");
        vm.assertEq(settlement.runHash(keccak256("another"), DAY, 1), 0, "another zone");
    }

    function test_When_TheDayWasSettled() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        vm.assertEq(settlement.runHash(ZONE, DAY, 1), twin.hashSettlementRun(run(1, 1)), "hashStruct(SettlementRun)");
    }

    function test_When_TheDayWasSettledAgain() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        settle(run(2, 1));
        vm.assertEq(settlement.runHash(ZONE, DAY, 1), twin.hashSettlementRun(run(1, 1)), "the first");
        vm.assertEq(settlement.runHash(ZONE, DAY, 2), twin.hashSettlementRun(run(2, 1)), "the second");
    }
}
