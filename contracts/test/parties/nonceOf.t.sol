// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract NonceOfTest is World {
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
        vm.assertEq(parties.nonceOf(keccak256("nobody")), 0, "nobody");
    }

    function test_When_ThePartyWasRegistered() external view {
        vm.assertEq(parties.nonceOf(HOME), 1, "known");
    }

    function test_When_ItsSignerWasExchanged() external {
        _rotate(Keys.p256(p256, 0x2e1));
        vm.assertEq(parties.nonceOf(HOME), 2, "by one");
    }

    function test_When_ItsSignerWasRevoked() external {
        _dismiss();
        vm.assertEq(parties.nonceOf(HOME), 2, "by one");
        vm.warp(FAR / 2);
        vm.assertEq(parties.nonceOf(HOME), 2, "for ever");
    }
}
