// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract UnpauseTest is World {
    function test_RevertWhen_TheCallerIsNotTheGuardian() external {
        pause(parties);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, registrar));
        vm.prank(registrar);
        parties.unpause();
    }

    function test_RevertWhen_NotPaused() external {
        vm.expectRevert(Pausable.ExpectedPause.selector);
        vm.prank(guardian);
        parties.unpause();
    }

    function test_When_TheGuardianCalls() external {
        pause(parties);
        vm.expectEmit(address(parties));
        emit Pausable.Unpaused(guardian);
        vm.prank(guardian);
        parties.unpause();
        register(keccak256("a newcomer"), Keys.eoa(0xbeef));
    }
}
