// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Lies} from "../support/Lies.sol";
import {vm} from "../support/Vm.sol";

contract IsOracleTest is Lies {
    function test_When_ItWasNeverNamed() external view {
        vm.assertFalse(anchor.isOracle(homeKey.signer), "a stranger");
        vm.assertFalse(anchor.isOracle(""), "nobody");
    }

    function test_When_ItIsNamed() external view {
        for (uint256 i = 0; i < 4; ++i) {
            vm.assertTrue(anchor.isOracle(oracles[i].signer), "an oracle");
        }
    }

    function test_When_ItWasExpelled() external {
        expel(2);
        vm.assertFalse(anchor.isOracle(oracles[2].signer), "an oracle no more");
    }

    function test_When_OthersWereNamedInItsPlace() external {
        bytes[] memory list = new bytes[](1);
        list[0] = oracles[1].signer;
        vm.prank(oracleAdmin);
        anchor.setOracles(list, 0);
        vm.assertFalse(anchor.isOracle(oracles[0].signer), "an oracle no more");
        vm.assertTrue(anchor.isOracle(oracles[1].signer), "the one that was named again is");
    }
}
