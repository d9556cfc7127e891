// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract RevokeByRegistrarTest is World {
    function test_RevertWhen_TheCallerIsNotTheRegistrar() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        parties.revokeByRegistrar(HOME, homeKey.signer);
    }

    function test_RevertWhen_TheSignerDoesNotStandForTheParty() external {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotASigner.selector, HOME, utilityKey.signer));
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, utilityKey.signer);
    }

    function test_When_TheSignerStandsForTheParty() external {
        uint256 nonce = parties.nonceOf(HOME);
        pause(parties);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.SignerRevoked(HOME, homeKey.signer);
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
        vm.assertFalse(parties.isSigner(HOME, homeKey.signer), "it stands no longer");
        vm.assertEq(parties.standingOf(HOME, homeKey.signer).until, block.timestamp, "until this block");
        vm.assertEq(parties.nonceOf(HOME), nonce + 1, "the nonce moved on");
    }
}
