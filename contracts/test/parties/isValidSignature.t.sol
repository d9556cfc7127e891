// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "../support/Keys.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallet.sol";
import {World} from "../support/World.sol";

contract IsValidSignatureTest is World {
    using Keys for Key;

    bytes32 private constant DIGEST = keccak256("what is signed");
    bytes32 private constant NEW = keccak256("a newcomer");

    function test_When_TheSignerDoesNotStandForTheParty() external view {
        bytes memory signature = utilityKey.sign(DIGEST);
        vm.assertFalse(parties.isValidSignature(HOME, utilityKey.signer, DIGEST, signature), "the utility does not sign for a home");
    }

    function test_When_TheSignerStoodForThePartyAndWasRevoked() external {
        bytes memory signature = homeKey.sign(DIGEST);
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
        vm.assertFalse(parties.isValidSignature(HOME, homeKey.signer, DIGEST, signature), "a revoked key does not sign");
    }

    function test_When_TheSignatureIsOfAnotherDigest() external view {
        bytes memory signature = homeKey.sign(keccak256("something else"));
        vm.assertFalse(parties.isValidSignature(HOME, homeKey.signer, DIGEST, signature), "it signed something else");
    }

    function test_When_AnAccountHasBeenHandedToAnotherOwner() external {
        Key memory account = Keys.account(0xcafe);
        register(NEW, account);
        bytes memory ofOld = account.sign(DIGEST);
        vm.prank(vm.addr(0xcafe));
        Wallet(address(bytes20(account.signer))).handOver(vm.addr(0xd00d));
        bytes memory ofNew = Keys.eoa(0xd00d).sign(DIGEST);
        vm.assertFalse(parties.isValidSignature(NEW, account.signer, DIGEST, ofOld), "the old owner signs no more");
        vm.assertTrue(parties.isValidSignature(NEW, account.signer, DIGEST, ofNew), "the new owner does");
    }

    function test_When_SignerAndSignatureAreRight() external {
        Key[4] memory keys = [Keys.eoa(0xbeef), Keys.account(0xcafe), Keys.p256(p256, 0xfeed), Keys.rsa(rsa)];
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 party = keccak256(abi.encode("a newcomer", i));
            register(party, keys[i]);
            vm.assertTrue(parties.isValidSignature(party, keys[i].signer, DIGEST, keys[i].sign(DIGEST)), "a valid signature");
        }
    }
}
