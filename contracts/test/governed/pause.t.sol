// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Governed} from "../../Governed.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract PauseTest is World {
    function _all() internal view returns (Governed[6] memory) {
        return [Governed(parties), agreements, meters, anchor, exchange, settlement];
    }

    function test_RevertWhen_TheCallerIsNotTheGuardian() external {
        Governed[6] memory all = _all();
        for (uint256 i = 0; i < all.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
            vm.prank(operator);
            all[i].pause();
        }
    }

    function test_RevertWhen_PausedAlready() external {
        pause(parties);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        pause(parties);
    }

    function test_When_TheGuardianCalls() external {
        Governed[6] memory all = _all();
        for (uint256 i = 0; i < all.length; ++i) {
            vm.assertFalse(all[i].paused(), "not paused with the others");
            vm.expectEmit(address(all[i]));
            emit Pausable.Paused(guardian);
            pause(all[i]);
            vm.assertTrue(all[i].paused(), "paused");
        }
    }
}
