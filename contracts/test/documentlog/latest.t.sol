// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract LatestTest is World {
    function test_When_TheLogWasNeverAnchored() external view {
        (uint64 size, bytes32 root) = documents.latest();
        vm.assertEq(size, 0, "no size");
        vm.assertEq(root, 0, "and no root");
    }

    function test_When_TheLogWasAnchored() external {
        vm.prank(recorder);
        documents.anchor(3, keccak256("a root"));
        vm.prank(recorder);
        documents.anchor(8, keccak256("a later root"));
        (uint64 size, bytes32 root) = documents.latest();
        vm.assertEq(size, 8, "the larger size");
        vm.assertEq(root, keccak256("a later root"), "with its root");
    }
}
