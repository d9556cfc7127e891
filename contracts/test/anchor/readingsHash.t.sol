// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract ReadingsHashTest is World {
    function test_When_NothingIsAnchored() external view {
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), 0, "nothing");
    }

    function test_When_AVersionIsAnchored() external {
        vm.warp(DAY + 1 days);
        IReadingAnchor.Readings memory r = readings(DAY, 1, keccak256("root"), 48);
        anchorOne(statement(r, 0, 2));
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), twin.hashReadings(r), "hashStruct(Readings)");
    }

    function test_When_ItIsAnotherZonePeriodOrVersion() external {
        vm.warp(DAY + 1 days);
        anchorOne(statement(readings(DAY, 1, keccak256("root"), 48), 0, 2));
        vm.assertEq(anchor.readingsHash(keccak256("another"), DAY, 1), 0, "another zone");
        vm.assertEq(anchor.readingsHash(ZONE, DAY + 1 days, 1), 0, "another period");
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 2), 0, "another version");
    }

    function test_When_ACorrectionIsAnchored() external {
        vm.warp(DAY + 1 days);
        IReadingAnchor.Readings memory first = readings(DAY, 1, keccak256("root"), 48);
        IReadingAnchor.Readings memory second = readings(DAY, 2, keccak256("corrected"), 48);
        anchorOne(statement(first, 0, 2));
        anchorOne(statement(second, 0, 2));
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), twin.hashReadings(first), "as it was");
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 2), twin.hashReadings(second), "beside it");
    }
}
