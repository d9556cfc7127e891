// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract StandingOfTest is World {
    using Keys for Key;

    function _rotate(Key memory next) private {
        bytes32 digest = digestOf(address(parties), twin.hashRotateSigner(HOME, homeKey.signer, next.signer, parties.nonceOf(HOME), FAR));
        parties.rotate(HOME, homeKey.signer, next.signer, FAR, homeKey.sign(digest), next.sign(digest));
    }

    function _dismiss() private {
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
    }

    function _expect(bytes32 party, bytes memory signer, uint256 since, uint256 until) private view {
        IPartyRegistry.Standing memory standing = parties.standingOf(party, signer);
        vm.assertEq(standing.since, since, "since when");
        vm.assertEq(standing.until, until, "until when");
    }

    function test_When_ItNeverStood() external view {
        _expect(HOME, utilityKey.signer, 0, 0);
        _expect(keccak256("nobody"), homeKey.signer, 0, 0);
    }

    function test_When_ItStands() external {
        uint256 since = block.timestamp;
        vm.warp(DAY);
        _expect(HOME, homeKey.signer, since, 0);
    }

    function test_When_AnotherTookItsPlace() external {
        uint256 since = block.timestamp;
        vm.warp(DAY);
        Key memory next = Keys.p256(p256, 0x2e1);
        _rotate(next);
        _expect(HOME, homeKey.signer, since, DAY);
        _expect(HOME, next.signer, DAY, 0);
    }

    function test_When_ItWasRevoked() external {
        uint256 since = block.timestamp;
        vm.warp(DAY);
        _dismiss();
        _expect(HOME, homeKey.signer, since, DAY);
    }
}
