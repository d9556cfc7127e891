// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract RecordAttestedTest is Papers {
    using Keys for Key;

    bytes[] private signers;
    bytes[] private signatures;
    bytes32[] private evidence;

    function _prepare(IAgreementRegistry.Agreement memory a) private {
        (signers, signatures, evidence) = attested(a);
    }

    function _refuse(IAgreementRegistry.Agreement memory a, bytes memory revertData) private {
        vm.expectRevert(revertData);
        bringAttested(a, signers, signatures, evidence);
        vm.assertEq(uint256(agreements.recordOf(a.id).status), 0, "nothing is recorded");
    }

    function _invalid(bytes memory signer, bytes32 digest) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISigned.InvalidSignature.selector, signer, digest);
    }

    function test_RevertWhen_TheCallerIsNotTheRecorder() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        agreements.recordAttested(a, SEALED, signers, signatures, evidence);
    }

    function test_RevertWhen_Paused() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        pause(agreements);
        _refuse(a, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        vm.warp(DAY + 1);
        _refuse(a, abi.encodeWithSelector(ISigned.DeadlinePassed.selector, DAY, block.timestamp));
    }

    function test_RevertWhen_ThereIsLessEvidenceThanParties() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        evidence.pop();
        _refuse(a, abi.encodeWithSelector(ISigned.LengthMismatch.selector, 2, 1));
    }

    function test_RevertWhen_ThePartyHasASigner() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        _prepare(a);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.PartySignsItself.selector, HOME));
    }

    function test_RevertWhen_ThePartyHadASignerThatWasRevoked() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        _prepare(a);
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.PartySignsItself.selector, HOME));
    }

    function test_RevertWhen_TheLastPartyAttestsForItself() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        evidence[1] = EVIDENCE;
        signatures[1] = utilityKey.sign(attestationDigest(a, UTILITY, EVIDENCE));
        _refuse(a, abi.encodeWithSelector(IAgreementRegistry.PartySignsItself.selector, UTILITY));
    }

    function test_RevertWhen_AnotherThanTheLastPartyAttests() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        bytes32 digest = attestationDigest(a, KEYLESS, EVIDENCE);
        (signers[0], signatures[0]) = (homeKey.signer, homeKey.sign(digest));
        _refuse(a, _invalid(homeKey.signer, digest));
        Key memory stray = Keys.eoa(0x57a7);
        (signers[0], signatures[0]) = (stray.signer, stray.sign(digest));
        _refuse(a, _invalid(stray.signer, digest));
    }

    function test_RevertWhen_TheUtilitySignedTheAgreementInsteadOfTheAttestation() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        signatures[0] = signatures[1];
        _refuse(a, _invalid(utilityKey.signer, attestationDigest(a, KEYLESS, EVIDENCE)));
    }

    function test_RevertWhen_TheEvidenceWasChangedAfterSigning() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        evidence[0] = keccak256("other evidence");
        _refuse(a, _invalid(utilityKey.signer, attestationDigest(a, KEYLESS, evidence[0])));
    }

    function test_RevertWhen_TheAttestationIsOfAnotherAgreement() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        bytes memory other = signatures[0];
        a.validTo += 1;
        _prepare(a);
        signatures[0] = other;
        _refuse(a, _invalid(utilityKey.signer, attestationDigest(a, KEYLESS, EVIDENCE)));
    }

    function test_RevertWhen_TheAttestationIsForAnotherParty() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        signatures[0] = utilityKey.sign(attestationDigest(a, HOME, EVIDENCE));
        _refuse(a, _invalid(utilityKey.signer, attestationDigest(a, KEYLESS, EVIDENCE)));
    }

    function test_RevertWhen_APartyWithoutEvidenceDidNotSign() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        evidence[0] = 0;
        _refuse(a, _invalid(utilityKey.signer, agreementDigest(a)));
    }

    function test_RevertWhen_TheIdIsTaken() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        recordAttested(a);
        _prepare(a);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementAlreadyRecorded.selector, ID, twin.hashAgreement(a)));
        bringAttested(a, signers, signatures, evidence);
    }

    function test_When_TheLastPartyAttests() external {
        IAgreementRegistry.Agreement memory a = draftKeyless(ID, 0);
        _prepare(a);
        bytes32 hash = twin.hashAgreement(a);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementRecorded(ID, a.kind, hash, SEALED, a.parties, a.validFrom, a.validTo);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.ApprovalAttested(ID, KEYLESS, EVIDENCE);
        bringAttested(a, signers, signatures, evidence);
        IAgreementRegistry.Record memory r = agreements.recordOf(ID);
        vm.assertEq(r.agreementHash, hash, "the hash of what was signed");
        vm.assertEq(uint256(r.attested), 1, "the first party is marked, and it alone");
        vm.assertTrue(agreements.inForce(ID, DAY), "in force as any other");
    }

    function test_When_FifteenPartiesAreAttested() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        a.parties = new bytes32[](16);
        for (uint256 i = 0; i < 15; ++i) {
            a.parties[i] = keccak256(abi.encode("a neighbour", i));
        }
        a.parties[15] = UTILITY;
        (signers, signatures, evidence) = (new bytes[](16), new bytes[](16), new bytes32[](16));
        for (uint256 i = 0; i < 15; ++i) {
            evidence[i] = keccak256(abi.encode("evidence", i));
            signers[i] = utilityKey.signer;
            signatures[i] = utilityKey.sign(attestationDigest(a, a.parties[i], evidence[i]));
        }
        (signers[15], signatures[15]) = (utilityKey.signer, utilityKey.sign(agreementDigest(a)));
        bringAttested(a, signers, signatures, evidence);
        vm.assertEq(uint256(agreements.recordOf(ID).attested), 0x7fff, "every one but the last");
    }

    function test_When_NothingIsAttested() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        (signers, signatures) = signed(a);
        evidence = new bytes32[](2);
        bringAttested(a, signers, signatures, evidence);
        bytes memory one = abi.encode(agreements.recordOf(ID));
        a.id = keccak256("another");
        record(a);
        IAgreementRegistry.Record memory other = agreements.recordOf(a.id);
        other.agreementHash = agreements.recordOf(ID).agreementHash;
        vm.assertEq(one, abi.encode(other), "as record records it");
    }

    function test_When_ItSupersedesAnAttestedOne() external {
        recordAttested(draftKeyless(ID, 0));
        IAgreementRegistry.Agreement memory a = draftKeyless(keccak256("new"), ID);
        a.validFrom = DAY + 30 days;
        recordAttested(a);
        IAgreementRegistry.Record memory old = agreements.recordOf(ID);
        vm.assertTrue(old.status == IAgreementRegistry.Status.Superseded && old.supersededBy == a.id, "the other ends");
        vm.assertTrue(old.attested == 1 && agreements.recordOf(a.id).attested == 1, "both keep their marks");
        // A customer that enrols a key afterwards signs the next version itself; the marks of the past stay.
        Key memory enrolled = Keys.eoa(0xe7401);
        register(KEYLESS, enrolled);
        IAgreementRegistry.Agreement memory third = draftKeyless(keccak256("third"), a.id);
        third.validFrom = DAY + 60 days;
        _prepare(third);
        _refuse(third, abi.encodeWithSelector(IAgreementRegistry.PartySignsItself.selector, KEYLESS));
        (signers, signatures) = signed(third);
        (signers[0], signatures[0]) = (enrolled.signer, enrolled.sign(agreementDigest(third)));
        bring(third, signers, signatures);
        vm.assertTrue(agreements.recordOf(third.id).attested == 0 && agreements.recordOf(ID).attested == 1, "each as it was approved");
    }
}
