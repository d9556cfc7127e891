// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract RootOfTest is World {
    function test_When_TheLogWasNeverAnchoredAtThatSize() external {
        vm.assertEq(documents.rootOf(0), 0, "an empty log has no root here");
        vm.prank(recorder);
        documents.anchor(8, keccak256("a root"));
        vm.assertEq(documents.rootOf(7), 0, "a size in between");
        vm.assertEq(documents.rootOf(FAR), 0, "a size far beyond");
    }

    function test_When_TheLogWasAnchoredAtThatSize() external {
        vm.prank(recorder);
        documents.anchor(3, keccak256("a root"));
        vm.prank(recorder);
        documents.anchor(8, keccak256("a later root"));
        vm.assertEq(documents.rootOf(3), keccak256("a root"), "the earlier root stays");
        vm.assertEq(documents.rootOf(8), keccak256("a later root"), "beside the later one");
    }
}
