// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {Key, Keys} from "./Keys.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title Agreements between a home and the utility, signed and brought by the recorder.
abstract contract Papers is World {
    using Keys for Key;

    bytes32 internal constant ID = keccak256("an agreement");
    bytes32 internal constant SEALED = keccak256("the sealed file");
    bytes32 internal constant KEYLESS = keccak256("a customer without a key");
    bytes32 internal constant EVIDENCE = keccak256("the evidence of an approval");

    function draft(bytes32 id, bytes32 supersedes) internal pure returns (IAgreementRegistry.Agreement memory a) {
        a.id = id;
        a.kind = keccak256("rooftop-surplus-sale");
        a.baseLength = 12_345;
        a.baseDigest = sha256("the unsigned file");
        a.termsRoot = keccak256("the terms");
        a.parties = new bytes32[](2);
        (a.parties[0], a.parties[1]) = (HOME, UTILITY);
        (a.validFrom, a.validTo) = (DAY, DAY + 365 days);
        a.supersedes = supersedes;
        a.deadline = DAY;
    }

    function agreementDigest(IAgreementRegistry.Agreement memory a) internal view returns (bytes32) {
        return digestOf(address(agreements), twin.hashAgreement(a));
    }

    function signed(IAgreementRegistry.Agreement memory a) internal view returns (bytes[] memory signers, bytes[] memory signatures) {
        bytes32 digest = agreementDigest(a);
        (signers, signatures) = (new bytes[](2), new bytes[](2));
        (signers[0], signers[1]) = (homeKey.signer, utilityKey.signer);
        (signatures[0], signatures[1]) = (homeKey.sign(digest), utilityKey.sign(digest));
    }

    function bring(IAgreementRegistry.Agreement memory a, bytes[] memory signers, bytes[] memory signatures) internal {
        vm.prank(recorder);
        agreements.record(a, SEALED, signers, signatures);
    }

    function record(IAgreementRegistry.Agreement memory a) internal {
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        bring(a, signers, signatures);
    }

    /// @dev An agreement between a customer without a key and the utility.
    function draftKeyless(bytes32 id, bytes32 supersedes) internal pure returns (IAgreementRegistry.Agreement memory a) {
        a = draft(id, supersedes);
        a.parties[0] = KEYLESS;
    }

    function attestationDigest(IAgreementRegistry.Agreement memory a, bytes32 party, bytes32 evidence) internal view returns (bytes32) {
        return digestOf(address(agreements), twin.hashAttestedApproval(twin.hashAgreement(a), party, evidence));
    }

    function attested(IAgreementRegistry.Agreement memory a)
        internal
        view
        returns (bytes[] memory signers, bytes[] memory signatures, bytes32[] memory evidence)
    {
        (signers, signatures) = signed(a);
        evidence = new bytes32[](2);
        evidence[0] = EVIDENCE;
        signers[0] = utilityKey.signer;
        signatures[0] = utilityKey.sign(attestationDigest(a, a.parties[0], EVIDENCE));
    }

    function bringAttested(
        IAgreementRegistry.Agreement memory a,
        bytes[] memory signers,
        bytes[] memory signatures,
        bytes32[] memory evidence
    ) internal {
        vm.prank(recorder);
        agreements.recordAttested(a, SEALED, signers, signatures, evidence);
    }

    function recordAttested(IAgreementRegistry.Agreement memory a) internal {
        (bytes[] memory signers, bytes[] memory signatures, bytes32[] memory evidence) = attested(a);
        bringAttested(a, signers, signatures, evidence);
    }

    function termination(bytes32 id, bytes32 party, uint64 effectiveAt, uint64 deadline) internal view returns (bytes32) {
        return digestOf(address(agreements), twin.hashTermination(id, party, effectiveAt, deadline));
    }

    function terminate(IAgreementRegistry.Agreement memory a, uint64 effectiveAt) internal {
        bytes memory signature = homeKey.sign(termination(a.id, HOME, effectiveAt, FAR));
        vm.prank(stranger);
        agreements.terminate(a, HOME, effectiveAt, FAR, homeKey.signer, signature);
    }
}
