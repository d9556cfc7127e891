// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract RevokeTest is World {
    using Keys for Key;

    function _digest(Key memory key, uint64 deadline) private view returns (bytes32) {
        return digestOf(address(parties), twin.hashRevokeSigner(HOME, key.signer, parties.nonceOf(HOME), deadline));
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        uint64 deadline = uint64(block.timestamp) - 1;
        bytes memory signature = homeKey.sign(_digest(homeKey, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.DeadlinePassed.selector, deadline, block.timestamp));
        parties.revoke(HOME, homeKey.signer, deadline, signature);
    }

    function test_RevertWhen_TheSignerDoesNotStandForTheParty() external {
        bytes memory signature = utilityKey.sign(_digest(utilityKey, FAR));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotASigner.selector, HOME, utilityKey.signer));
        parties.revoke(HOME, utilityKey.signer, FAR, signature);
    }

    function test_RevertWhen_AnotherKeySigned() external {
        bytes32 digest = _digest(homeKey, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, digest));
        parties.revoke(HOME, homeKey.signer, FAR, utilityKey.sign(digest));
    }

    function test_When_TheSignerSigned() external {
        uint256 nonce = parties.nonceOf(HOME);
        bytes memory signature = homeKey.sign(_digest(homeKey, FAR));
        pause(parties);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.SignerRevoked(HOME, homeKey.signer);
        vm.prank(stranger);
        parties.revoke(HOME, homeKey.signer, FAR, signature);
        vm.assertFalse(parties.isSigner(HOME, homeKey.signer), "it stands no longer");
        vm.assertEq(parties.nonceOf(HOME), nonce + 1, "the nonce moved on");
    }
}
