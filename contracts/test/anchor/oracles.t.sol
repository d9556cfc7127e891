// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Lies} from "../support/Lies.sol";
import {vm} from "../support/Vm.sol";

contract OraclesTest is Lies {
    function test_When_TheConstructorNamedThem() external view {
        bytes[] memory list = anchor.oracles();
        vm.assertEq(list.length, 4, "four");
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertEq(list[i], oracles[i].signer, "as they were named");
        }
    }

    function test_When_OneWasExpelled() external {
        expel(0);
        bytes[] memory list = anchor.oracles();
        vm.assertEq(list.length, 3, "three");
        vm.assertEq(list[0], oracles[3].signer, "the last one in its place");
        vm.assertEq(list[1], oracles[1].signer, "the second");
        vm.assertEq(list[2], oracles[2].signer, "the third");
    }

    function test_When_OthersWereNamedInTheirPlace() external {
        bytes[] memory list = new bytes[](1);
        list[0] = oracles[1].signer;
        vm.prank(oracleAdmin);
        anchor.setOracles(list, 0);
        vm.assertEq(abi.encode(anchor.oracles()), abi.encode(list), "the new ones");
    }
}
