// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {Invariants} from "../support/Invariants.sol";
import {vm} from "../support/Vm.sol";
import {RegistryHandler} from "./RegistryHandler.sol";

/// @title What holds for parties and agreements whatever anybody does, in any order.
contract RegistryInvariants is Invariants {
    RegistryHandler private handler;
    IAgreementRegistry private agreements;
    IPartyRegistry private parties;
    bytes32 private third;

    function setUp() external {
        handler = new RegistryHandler();
        (agreements, parties, third) = handler.registries();
    }

    function _handler() internal view override returns (address) {
        return address(handler);
    }

    function _actions() internal pure override returns (bytes4[] memory list) {
        list = new bytes4[](10);
        (list[0], list[1]) = (RegistryHandler.wait.selector, RegistryHandler.recordNew.selector);
        (list[2], list[3]) = (RegistryHandler.supersede.selector, RegistryHandler.end.selector);
        (list[4], list[5]) = (RegistryHandler.revokeOne.selector, RegistryHandler.admit.selector);
        (list[6], list[7]) = (RegistryHandler.exchangeKeys.selector, RegistryHandler.dismiss.selector);
        (list[8], list[9]) = (RegistryHandler.askAboutThePast.selector, RegistryHandler.attest.selector);
    }

    function invariant_WhatHasEndedNeverComesBackIntoForce() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.idAt(i);
            (bool ended, uint64 at) = handler.endOf(id);
            if (!ended) continue;
            vm.assertLe(agreements.recordOf(id).endedAt, at, "an end is never put off");
            vm.assertFalse(agreements.inForce(id, at), "not in force in the second it ends");
            vm.assertFalse(agreements.inForce(id, at + 10 days), "nor later");
        }
    }

    function invariant_WhatWasInForceInASecondThatHasPassedNeverChanges() external view {
        RegistryHandler.Past[] memory pasts = handler.pasts();
        for (uint256 i = 0; i < pasts.length; ++i) {
            vm.assertTrue(agreements.inForce(pasts[i].id, pasts[i].time) == pasts[i].inForce, "the past is never undone");
        }
    }

    function invariant_OfOneLineOfSuccessionAtMostOneIsInForce() external view {
        uint256 count = handler.count();
        for (uint256 k = 0; k < count; ++k) {
            uint64 time = agreements.recordOf(handler.idAt(k)).validFrom;
            for (uint256 line = 1; line <= handler.lines(); ++line) {
                (uint256 inForce, bytes32 found, bytes32 any) = (0, 0, 0);
                for (uint256 i = 0; i < count; ++i) {
                    bytes32 id = handler.idAt(i);
                    if (handler.lineOf(id) != line) continue;
                    any = id;
                    if (agreements.inForce(id, time)) (inForce, found) = (inForce + 1, id);
                }
                vm.assertLe(inForce, 1, unicode"Σ agreements of one line of succession in force at any time ≤ 1");
                vm.assertEq(agreements.versionAt(any, time), found, "and versionAt finds it");
            }
        }
    }

    function invariant_NobodyIsAttestedWhoEverHadASigner() external view {
        bytes32[] memory ids = handler.attestedOnes();
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.assertEq(uint256(agreements.recordOf(ids[i]).attested), 1, "the mark stays whatever becomes of the party");
            vm.assertEq(handler.changesBefore(ids[i]), 0, unicode"attested ⇒ nonce was 0 when it was recorded");
        }
        for (uint256 i = 0; i < handler.count(); ++i) {
            vm.assertEq(uint256(agreements.recordOf(handler.idAt(i)).attested), 0, "who signs itself is not marked");
        }
    }

    function invariant_AtMostOneSignerStandsAndOnlyOnceAndEveryChangeMovesTheNonce() external view {
        uint256 standing;
        for (uint256 k = 0; k < handler.keys(); ++k) {
            bool stands = parties.isSigner(third, handler.signerAt(k));
            vm.assertTrue(stands == (handler.phase(k) == 1), "a signer stands from its admission to its end, and never again");
            if (stands) ++standing;
        }
        vm.assertLe(standing, 1, unicode"Σ standing signers of a party ≤ 1: nobody signs beside its owner");
        vm.assertEq(parties.nonceOf(third), handler.changes(), unicode"nonce = registration + Σ rotations + revocations");
    }
}
