// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract ClearingOfTest is Market {
    function _expect(uint64 start, uint32 version, bytes32 hash, uint256 time, bool isVoid) private view {
        (bytes32 clearingHash, uint64 postedAt, bool voided) = exchange.clearingOf(ZONE, start, version);
        vm.assertEq(clearingHash, hash, "hashStruct(Clearing)");
        vm.assertEq(postedAt, time, "when it was posted");
        vm.assertTrue(voided == isVoid, "whether it is void");
    }

    function test_When_NothingWasPosted() external view {
        _expect(DAY, 1, 0, 0, false);
    }

    function test_When_ItIsPosted() external {
        post(deliver(), day(1));
        _expect(DAY, 1, twin.hashClearing(clearing(DAY, 1)), block.timestamp, false);
    }

    function test_When_ItIsAnotherUnitOrVersion() external {
        post(deliver(), just(clearing(DAY, 1)));
        _expect(DAY + UNIT, 1, 0, 0, false);
        _expect(DAY, 2, 0, 0, false);
    }

    function test_When_ItIsVoid() external {
        post(deliver(), day(1));
        uint256 posted = block.timestamp;
        vm.warp(posted + 1);
        voidIt(clearing(DAY, 1));
        _expect(DAY, 1, twin.hashClearing(clearing(DAY, 1)), posted, true);
    }

    function test_When_AnotherWasPostedAfterItWasVoid() external {
        post(deliver(), day(1));
        voidIt(clearing(DAY, 1));
        vm.warp(block.timestamp + 1);
        IExchange.Clearing memory c = clearing(DAY, 1);
        c.priceVndPerKwh += 1;
        post(readings(DAY, 1, READINGS_ROOT, 48), just(c));
        _expect(DAY, 1, twin.hashClearing(c), block.timestamp, false);
    }
}
