// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract RecordTest is Papers {
    using Keys for Key;

    function _refuse(IAgreementRegistry.Agreement memory a, bytes memory revertData) private {
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        vm.expectRevert(revertData);
        bring(a, signers, signatures);
    }

    function test_RevertWhen_TheCallerIsNotTheRecorder() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        agreements.record(a, SEALED, signers, signatures);
    }

    function test_RevertWhen_Paused() external {
        pause(agreements);
        _refuse(draft(ID, 0), abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        vm.warp(DAY + 1);
        _refuse(draft(ID, 0), abi.encodeWithSelector(ISigned.DeadlinePassed.selector, DAY, block.timestamp));
    }

    function test_RevertWhen_TheIdIsZero() external {
        _refuse(draft(0, 0), abi.encodeWithSelector(ISigned.ZeroId.selector));
    }

    function test_RevertWhen_ItEndsBeforeItBegins() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        a.validTo = a.validFrom;
        _refuse(a, abi.encodeWithSelector(ISigned.EmptyPeriod.selector, DAY, DAY));
    }

    function test_RevertWhen_ADocumentIsMissing() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        a.baseLength = 0;
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.EmptyDocument.selector, 0, a.baseDigest, SEALED));
        a = draft(ID, 0);
        a.baseDigest = 0;
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.EmptyDocument.selector, a.baseLength, bytes32(0), SEALED));
        a = draft(ID, 0);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.EmptyDocument.selector, a.baseLength, a.baseDigest, bytes32(0)));
        vm.prank(recorder);
        agreements.record(a, 0, signers, signatures);
    }

    function test_RevertWhen_ThereAreNoPartiesOrTooMany() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        a.parties = new bytes32[](0);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.WrongPartyCount.selector, 0, 16));
        a.parties = new bytes32[](17);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.WrongPartyCount.selector, 17, 16));
    }

    function test_RevertWhen_APartyIsNamedTwice() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        a.parties[1] = HOME;
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.PartyNamedTwice.selector, HOME));
    }

    function test_RevertWhen_ThereAreFewerSignaturesThanParties() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        bytes[] memory one = new bytes[](1);
        one[0] = signatures[0];
        vm.expectRevert(abi.encodeWithSelector(ISigned.LengthMismatch.selector, 2, 1));
        bring(a, signers, one);
        one[0] = signers[0];
        vm.expectRevert(abi.encodeWithSelector(ISigned.LengthMismatch.selector, 1, 2));
        bring(a, one, signatures);
    }

    function test_RevertWhen_TheSignaturesAreInTheWrongOrder() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        (signers[0], signers[1]) = (signers[1], signers[0]);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, utilityKey.signer, agreementDigest(a)));
        bring(a, signers, signatures);
    }

    function test_RevertWhen_AnyTermWasChangedAfterSigning() external {
        (bytes[] memory signers, bytes[] memory signatures) = signed(draft(ID, 0));
        for (uint256 field = 0; field < 9; ++field) {
            IAgreementRegistry.Agreement memory a = draft(ID, 0);
            if (field == 0) a.id = keccak256("another");
            if (field == 1) a.kind = keccak256("another");
            if (field == 2) a.baseLength += 1;
            if (field == 3) a.baseDigest = keccak256("another");
            if (field == 4) a.termsRoot = keccak256("another");
            if (field == 5) a.validFrom -= 1;
            if (field == 6) a.validTo += 1;
            if (field == 7) a.supersedes = keccak256("another");
            if (field == 8) a.deadline += 1;
            vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, agreementDigest(a)));
            bring(a, signers, signatures);
        }
    }

    function test_RevertWhen_ASignerWasRevokedBeforeRecording() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
        _refuse(a, abi.encodeWithSelector(ISigned.InvalidSignature.selector, homeKey.signer, agreementDigest(a)));
    }

    function test_RevertWhen_TheIdIsTaken() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        record(a);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.AgreementAlreadyRecorded.selector, ID, twin.hashAgreement(a)));
    }

    function test_RevertWhen_TheOtherIsNotRecorded() external {
        bytes32 old = keccak256("no such agreement");
        _refuse(draft(ID, old), abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, old, IAgreementRegistry.Status.None));
    }

    function test_RevertWhen_TheOtherWasTerminated() external {
        IAgreementRegistry.Agreement memory old = draft(ID, 0);
        record(old);
        terminate(old, DAY);
        _refuse(
            draft(keccak256("new"), ID),
            abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, ID, IAgreementRegistry.Status.Terminated)
        );
    }

    function test_RevertWhen_TheOtherIsBetweenOtherParties() external {
        record(draft(ID, 0));
        IAgreementRegistry.Agreement memory a = draft(keccak256("new"), ID);
        (a.parties[0], a.parties[1]) = (UTILITY, HOME);
        bytes32 digest = agreementDigest(a);
        (bytes[] memory signers, bytes[] memory signatures) = (new bytes[](2), new bytes[](2));
        (signers[0], signers[1]) = (utilityKey.signer, homeKey.signer);
        (signatures[0], signatures[1]) = (utilityKey.sign(digest), homeKey.sign(digest));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.OtherParties.selector, a.id, ID));
        bring(a, signers, signatures);
    }

    function test_RevertWhen_TheOtherBeginsLater() external {
        record(draft(ID, 0));
        IAgreementRegistry.Agreement memory second = draft(keccak256("second"), ID);
        second.validFrom = DAY + 50 days;
        record(second);
        IAgreementRegistry.Agreement memory third = draft(keccak256("third"), second.id);
        third.validFrom = DAY + 20 days; // the first is in force until day 50
        _refuse(
            third,
            abi.encodeWithSelector(IAgreementRegistry.SuccessorTooEarly.selector, third.id, second.id, third.validFrom, second.validFrom)
        );
    }

    function test_RevertWhen_ItWouldBeginInThePast() external {
        record(draft(ID, 0));
        vm.warp(DAY + 100 days);
        IAgreementRegistry.Agreement memory a = draft(keccak256("new"), ID);
        (a.validFrom, a.validTo, a.deadline) = (DAY + 10 days, DAY + 11 days, FAR);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.SuccessorTooEarly.selector, a.id, ID, a.validFrom, block.timestamp));
        a.validFrom = uint64(block.timestamp) - 1;
        a.validTo = FAR;
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.SuccessorTooEarly.selector, a.id, ID, a.validFrom, block.timestamp));
        vm.assertTrue(agreements.inForce(ID, DAY + 50 days), "what was in force then still was");
    }

    function test_When_ItBeginsInThisVerySecond() external {
        record(draft(ID, 0));
        vm.warp(DAY + 100 days);
        IAgreementRegistry.Agreement memory a = draft(keccak256("new"), ID);
        (a.validFrom, a.deadline) = (DAY + 100 days, DAY + 100 days);
        record(a);
        vm.assertTrue(agreements.inForce(ID, a.validFrom - 1) && !agreements.inForce(ID, a.validFrom), "the other ends now");
        vm.assertTrue(agreements.inForce(a.id, a.validFrom), "and this one begins");
    }

    function test_When_TheOtherIsBetweenTheSameParties() external {
        record(draft(ID, 0));
        IAgreementRegistry.Agreement memory a = draft(keccak256("new"), ID);
        a.validFrom = DAY + 30 days;
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementSuperseded(ID, a.id, a.validFrom);
        bring(a, signers, signatures);
        IAgreementRegistry.Record memory old = agreements.recordOf(ID);
        vm.assertEq(uint256(old.status), uint256(IAgreementRegistry.Status.Superseded), "superseded");
        vm.assertEq(old.supersededBy, a.id, "it names its successor");
        vm.assertTrue(agreements.inForce(ID, a.validFrom - 1) && !agreements.inForce(a.id, a.validFrom - 1), "the old one until then");
        vm.assertTrue(!agreements.inForce(ID, a.validFrom) && agreements.inForce(a.id, a.validFrom), "the new one from then on");
    }

    function test_When_EveryPartySigned() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        bytes32 hash = twin.hashAgreement(a);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementRecorded(ID, a.kind, hash, SEALED, a.parties, a.validFrom, a.validTo);
        bring(a, signers, signatures);
        IAgreementRegistry.Record memory r = agreements.recordOf(ID);
        vm.assertEq(r.agreementHash, hash, "the hash of what was signed");
        vm.assertEq(r.sealedDigest, SEALED, "the sealed file");
        vm.assertTrue(r.validFrom == a.validFrom && r.validTo == a.validTo, "the validity");
        vm.assertEq(uint256(r.status), uint256(IAgreementRegistry.Status.Recorded), "recorded");
    }
}
