// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract IsSignerTest is World {
    using Keys for Key;

    function _rotate(Key memory next) private {
        bytes32 digest = digestOf(address(parties), twin.hashRotateSigner(HOME, homeKey.signer, next.signer, parties.nonceOf(HOME), FAR));
        parties.rotate(HOME, homeKey.signer, next.signer, FAR, homeKey.sign(digest), next.sign(digest));
    }

    function _dismiss() private {
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
    }

    function test_When_ThePartyIsUnknown() external view {
        vm.assertFalse(parties.isSigner(keccak256("nobody"), homeKey.signer), "for nobody");
    }

    function test_When_ItWasRegistered() external view {
        vm.assertTrue(parties.isSigner(HOME, homeKey.signer), "it stands");
        vm.assertFalse(parties.isSigner(UTILITY, homeKey.signer), "for no other");
        vm.assertFalse(parties.isSigner(HOME, utilityKey.signer), "and no other for it");
    }

    function test_When_AnotherTookItsPlace() external {
        Key memory next = Keys.p256(p256, 0x2e1);
        _rotate(next);
        vm.assertTrue(parties.isSigner(HOME, next.signer), "the new one");
        vm.assertFalse(parties.isSigner(HOME, homeKey.signer), "not the old one");
    }

    function test_When_ItWasRevoked() external {
        _dismiss();
        vm.assertFalse(parties.isSigner(HOME, homeKey.signer), "no more");
    }
}
