// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract TerminateTest is Papers {
    using Keys for Key;

    IAgreementRegistry.Agreement private agreement;

    function setUp() public override {
        super.setUp();
        agreement = draft(ID, 0);
        record(agreement);
        vm.warp(DAY + 10 days);
    }

    function _terminate(bytes32 party, Key memory key, bytes memory signature) private {
        vm.prank(stranger);
        agreements.terminate(agreement, party, DAY + 20 days, FAR, key.signer, signature);
    }

    function _refuse(IAgreementRegistry.Agreement memory a, bytes memory revertData) private {
        bytes memory signature = homeKey.sign(termination(a.id, HOME, DAY + 20 days, FAR));
        vm.expectRevert(revertData);
        vm.prank(stranger);
        agreements.terminate(a, HOME, DAY + 20 days, FAR, homeKey.signer, signature);
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        uint64 deadline = uint64(block.timestamp) - 1;
        bytes memory signature = homeKey.sign(termination(ID, HOME, DAY + 20 days, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.DeadlinePassed.selector, deadline, block.timestamp));
        vm.prank(stranger);
        agreements.terminate(agreement, HOME, DAY + 20 days, deadline, homeKey.signer, signature);
    }

    function test_RevertWhen_ThereIsNoSuchAgreement() external {
        bytes32 none = keccak256("none");
        _refuse(draft(none, 0), abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, none, IAgreementRegistry.Status.None));
    }

    function _notOpen(IAgreementRegistry.Status status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, ID, status);
    }

    function test_RevertWhen_ItWasTerminatedAlreadyForAsEarly() external {
        terminate(agreement, DAY + 20 days);
        _refuse(agreement, _notOpen(IAgreementRegistry.Status.Terminated));
    }

    function test_RevertWhen_ItWasRevoked() external {
        vm.prank(guardian);
        agreements.revoke(ID, keccak256("fraud"));
        _refuse(agreement, _notOpen(IAgreementRegistry.Status.Revoked));
    }

    function test_RevertWhen_ItsEndHasPassed() external {
        terminate(agreement, DAY + 15 days);
        vm.warp(DAY + 30 days);
        _refuse(agreement, _notOpen(IAgreementRegistry.Status.Terminated));
    }

    function test_RevertWhen_TheAgreementHandedOverIsNotTheRecordedOne() external {
        IAgreementRegistry.Agreement memory forged = draft(ID, 0);
        forged.parties[1] = keccak256("a stranger");
        _refuse(
            forged,
            abi.encodeWithSelector(
                IAgreementRegistry.NotTheRecordedAgreement.selector, ID, twin.hashAgreement(forged), twin.hashAgreement(agreement)
            )
        );
    }

    function test_RevertWhen_ThePartyIsNotOneToTheAgreement() external {
        bytes32 other = keccak256("a neighbour");
        Key memory key = Keys.eoa(0xbeef);
        register(other, key);
        bytes memory signature = key.sign(termination(ID, other, DAY + 20 days, FAR));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.NotAParty.selector, ID, other));
        _terminate(other, key, signature);
    }

    function test_RevertWhen_TheSignerDoesNotStandForTheParty() external {
        bytes32 digest = termination(ID, HOME, DAY + 20 days, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, utilityKey.signer, digest));
        _terminate(HOME, utilityKey, utilityKey.sign(digest));
    }

    function test_RevertWhen_TheSignatureIsForAnotherTime() external {
        bytes memory signature = homeKey.sign(termination(ID, HOME, DAY + 21 days, FAR));
        bytes32 digest = termination(ID, HOME, DAY + 20 days, FAR);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, digest));
        _terminate(HOME, homeKey, signature);
    }

    function test_When_ItTakesEffectLater() external {
        bytes memory signature = utilityKey.sign(termination(ID, UTILITY, DAY + 20 days, FAR));
        pause(agreements);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementTerminated(ID, UTILITY, DAY + 20 days);
        _terminate(UTILITY, utilityKey, signature);
        vm.assertTrue(agreements.inForce(ID, DAY + 20 days - 1), "in force until then");
        vm.assertFalse(agreements.inForce(ID, DAY + 20 days), "not from then on");
    }

    function test_When_TheOtherPartyTerminatedItForLater() external {
        bytes memory never = utilityKey.sign(termination(ID, UTILITY, type(uint64).max, FAR));
        vm.prank(stranger);
        agreements.terminate(agreement, UTILITY, type(uint64).max, FAR, utilityKey.signer, never);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementTerminated(ID, HOME, DAY + 20 days);
        terminate(agreement, DAY + 20 days);
        vm.assertFalse(agreements.inForce(ID, DAY + 20 days), "who ends it late keeps nobody in it");
        vm.expectRevert(_notOpen(IAgreementRegistry.Status.Terminated));
        vm.prank(stranger);
        agreements.terminate(agreement, UTILITY, type(uint64).max, FAR, utilityKey.signer, never);
    }

    function test_When_ASuccessorIsToTakeItsPlaceLater() external {
        IAgreementRegistry.Agreement memory next = draft(keccak256("next"), ID);
        (next.validFrom, next.deadline) = (DAY + 60 days, FAR);
        record(next);
        terminate(agreement, DAY + 20 days);
        vm.assertEq(agreements.versionAt(ID, DAY + 20 days - 1), ID, "in force until then");
        vm.assertEq(agreements.versionAt(ID, DAY + 20 days), bytes32(0), "then none");
        vm.assertEq(agreements.versionAt(ID, DAY + 60 days), next.id, "what both signed still begins");
        vm.assertEq(agreements.recordOf(ID).supersededBy, next.id, "and its place in the family stays");
    }

    function test_When_ItWasMeantToTakeEffectInThePast() external {
        terminate(agreement, DAY + 1 days);
        vm.assertEq(agreements.recordOf(ID).endedAt, block.timestamp, "it ends now");
        vm.assertTrue(agreements.inForce(ID, uint64(block.timestamp) - 1), "the past stays as it was");
        vm.assertFalse(agreements.inForce(ID, uint64(block.timestamp)), "over");
    }
}
