// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract RotateTest is World {
    using Keys for Key;

    Key private next;

    function setUp() public override {
        super.setUp();
        next = Keys.p256(p256, 0xbeef);
    }

    function _digest(Key memory from, Key memory to, uint64 deadline) private view returns (bytes32) {
        bytes32 hash = twin.hashRotateSigner(HOME, from.signer, to.signer, parties.nonceOf(HOME), deadline);
        return digestOf(address(parties), hash);
    }

    function _rotate(Key memory from, Key memory to, bytes memory fromSignature, bytes memory toSignature) private {
        vm.prank(stranger);
        parties.rotate(HOME, from.signer, to.signer, FAR, fromSignature, toSignature);
    }

    function test_RevertWhen_Paused() external {
        pause(parties);
        bytes32 digest = _digest(homeKey, next, FAR);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        _rotate(homeKey, next, homeKey.sign(digest), next.sign(digest));
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        uint64 deadline = uint64(block.timestamp);
        bytes32 digest = _digest(homeKey, next, deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.DeadlinePassed.selector, deadline, block.timestamp));
        parties.rotate(HOME, homeKey.signer, next.signer, deadline, homeKey.sign(digest), next.sign(digest));
    }

    function test_RevertWhen_TheOldSignerDoesNotStandForTheParty() external {
        bytes32 digest = _digest(utilityKey, next, FAR);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotASigner.selector, HOME, utilityKey.signer));
        _rotate(utilityKey, next, utilityKey.sign(digest), next.sign(digest));
    }

    function test_RevertWhen_TheNewSignerIsKnownAlready() external {
        bytes32 digest = _digest(homeKey, homeKey, FAR);
        uint64 now_ = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.SignerAlreadyKnown.selector, HOME, homeKey.signer, now_, now_));
        _rotate(homeKey, homeKey, homeKey.sign(digest), homeKey.sign(digest));
    }

    function test_RevertWhen_TheOldSignerDidNotSign() external {
        bytes32 digest = _digest(homeKey, next, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, digest));
        _rotate(homeKey, next, next.sign(digest), next.sign(digest));
    }

    function test_RevertWhen_TheNewSignerDidNotSign() external {
        bytes32 digest = _digest(homeKey, next, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, next.signer, digest));
        _rotate(homeKey, next, homeKey.sign(digest), homeKey.sign(digest));
    }

    function test_RevertWhen_TheSameSignaturesComeTwice() external {
        bytes32 digest = _digest(homeKey, next, FAR);
        _rotate(homeKey, next, homeKey.sign(digest), next.sign(digest));
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.NotASigner.selector, HOME, homeKey.signer));
        _rotate(homeKey, next, homeKey.sign(digest), next.sign(digest));
    }

    function test_When_BothSigned() external {
        bytes32 digest = _digest(homeKey, next, FAR);
        uint256 nonce = parties.nonceOf(HOME);
        vm.warp(block.timestamp + 5);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.SignerRotated(HOME, homeKey.signer, next.signer);
        _rotate(homeKey, next, homeKey.sign(digest), next.sign(digest));
        vm.assertTrue(parties.isSigner(HOME, next.signer), "the new one stands");
        vm.assertFalse(parties.isSigner(HOME, homeKey.signer), "the old one does not");
        vm.assertEq(parties.standingOf(HOME, homeKey.signer).until, block.timestamp, "until this block");
        vm.assertEq(parties.standingOf(HOME, next.signer).since, block.timestamp, "since this block");
        vm.assertEq(parties.nonceOf(HOME), nonce + 1, "the nonce moved on");
    }
}
