// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract DayOfTest is Market {
    /// @dev `units` clearings of `Market.clearing`, worked out by hand in milli-đồng.
    function _expect(uint32 version, uint32 units, uint64 finalAt) private view {
        IExchange.Day memory expected =
            IExchange.Day(finalAt, units, uint112(units) * 3000 * 2000, uint112(units) * 750 * 671, uint112(units) * 6000 * 3000);
        vm.assertEq(abi.encode(exchange.dayOf(ZONE, DAY, version)), abi.encode(expected), "the sums of the day");
    }

    function test_When_NothingWasPosted() external view {
        IExchange.Day memory none;
        vm.assertEq(abi.encode(exchange.dayOf(ZONE, DAY, 1)), abi.encode(none), "all zeros");
    }

    function test_When_SomeUnitsArePosted() external {
        post(deliver(), just(clearing(DAY + UNIT, 1)));
        _expect(1, 1, uint64(block.timestamp) + WINDOW);
    }

    function test_When_AllUnitsArePostedAtDifferentTimes() external {
        IExchange.Clearing[] memory units = day(1);
        post(deliver(), just(units[0]));
        for (uint256 i = 1; i < 4; ++i) {
            vm.warp(block.timestamp + 10);
            post(readings(DAY, 1, READINGS_ROOT, 48), just(units[i]));
        }
        _expect(1, 4, uint64(block.timestamp) + WINDOW);
    }

    function test_When_OneOfThemIsVoid() external {
        post(deliver(), day(1));
        voidIt(clearing(DAY, 1));
        _expect(1, 3, uint64(block.timestamp) + WINDOW);
    }

    function test_When_TheReadingsWereCorrected() external {
        post(deliver(), day(1));
        post(anchored(2), just(clearing(DAY, 2)));
        _expect(1, 4, uint64(block.timestamp) + WINDOW);
        _expect(2, 1, uint64(block.timestamp) + WINDOW);
    }
}
