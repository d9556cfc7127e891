// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys, Kind} from "../support/Keys.sol";
import {bound, vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

contract RegisterTest is World {
    using Keys for Key;

    bytes32 private constant NEW = keccak256("a newcomer");

    Key private key;

    function setUp() public override {
        super.setUp();
        key = Keys.eoa(0xbeef);
    }

    function _register(bytes32 party, Key memory k, bytes memory signature) private {
        vm.prank(registrar);
        parties.register(party, k.signer, FAR, signature);
    }

    function _refuse(bytes32 party, Key memory k, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, k.signer, registration(party, k, FAR)));
        _register(party, k, signature);
    }

    /// @dev Neither the key that stood nor the registrar's own, however they sign.
    function _refuseAnother(bytes memory why) private {
        Key[2] memory keys = [homeKey, key];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory signature = keys[i].sign(registration(HOME, keys[i], FAR));
            vm.expectRevert(why);
            _register(HOME, keys[i], signature);
        }
    }

    function _everyKind() private returns (Key[4] memory) {
        return [Keys.eoa(0xbeef), Keys.account(0xcafe), Keys.p256(p256, 0xfeed), Keys.rsa(rsa)];
    }

    function test_RevertWhen_TheCallerIsNotTheRegistrar() external {
        bytes memory signature = key.sign(registration(NEW, key, FAR));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        parties.register(NEW, key.signer, FAR, signature);
    }

    function test_RevertWhen_Paused() external {
        pause(parties);
        bytes memory signature = key.sign(registration(NEW, key, FAR));
        vm.expectRevert(Pausable.EnforcedPause.selector);
        _register(NEW, key, signature);
    }

    function test_RevertWhen_ThePartyIsZero() external {
        bytes memory signature = key.sign(registration(0, key, FAR));
        vm.expectRevert(ISigned.ZeroId.selector);
        _register(0, key, signature);
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        uint64 deadline = uint64(block.timestamp) - 1;
        bytes memory signature = key.sign(registration(NEW, key, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.DeadlinePassed.selector, deadline, block.timestamp));
        vm.prank(registrar);
        parties.register(NEW, key.signer, deadline, signature);
    }

    function test_RevertWhen_ThePartyHasASigner() external {
        _refuseAnother(abi.encodeWithSelector(IPartyRegistry.PartyAlreadyRegistered.selector, HOME, 1));
        vm.assertFalse(parties.isSigner(HOME, key.signer), "the registrar's key signs for nobody");
        vm.assertTrue(parties.isSigner(HOME, homeKey.signer), "the owner's stands");
    }

    function test_RevertWhen_TheSignerOfThePartyWasRotated() external {
        Key memory next = Keys.p256(p256, 0xfeed);
        bytes32 digest = digestOf(address(parties), twin.hashRotateSigner(HOME, homeKey.signer, next.signer, 1, FAR));
        parties.rotate(HOME, homeKey.signer, next.signer, FAR, homeKey.sign(digest), next.sign(digest));
        _refuseAnother(abi.encodeWithSelector(IPartyRegistry.PartyAlreadyRegistered.selector, HOME, 2));
    }

    function test_RevertWhen_TheSignerOfThePartySteppedDown() external {
        bytes memory signature = homeKey.sign(digestOf(address(parties), twin.hashRevokeSigner(HOME, homeKey.signer, 1, FAR)));
        parties.revoke(HOME, homeKey.signer, FAR, signature);
        _refuseAnother(abi.encodeWithSelector(IPartyRegistry.PartyAlreadyRegistered.selector, HOME, 2));
    }

    function test_RevertWhen_TheRegistrarRevokedTheSignerOfTheParty() external {
        vm.prank(registrar);
        parties.revokeByRegistrar(HOME, homeKey.signer);
        vm.warp(block.timestamp + 1000 days);
        _refuseAnother(abi.encodeWithSelector(IPartyRegistry.PartyAlreadyRegistered.selector, HOME, 2));
    }

    function test_RevertWhen_AnotherKeySigned() external {
        Key[4] memory keys = _everyKind();
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 digest = registration(NEW, keys[i], FAR);
            _refuse(NEW, keys[i], Keys.sign(Key(keys[i].kind, keys[i].signer, 0xbad), keccak256(abi.encode(digest))));
        }
    }

    function test_RevertWhen_OneBitOfTheSignatureIsFlipped() external {
        Key[4] memory keys = _everyKind();
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes memory signature = keys[i].sign(registration(NEW, keys[i], FAR));
            for (uint256 bit = 3; bit < signature.length * 8; bit += 61) {
                _refuse(NEW, keys[i], Keys.flipped(signature, bit));
            }
        }
    }

    function test_RevertWhen_TheSignatureIsTheHighTwin() external {
        Key[4] memory keys = _everyKind();
        for (uint256 i = 0; i < 3; ++i) {
            _refuse(NEW, keys[i], keys[i].twin(keys[i].sign(registration(NEW, keys[i], FAR))));
        }
    }

    function test_RevertWhen_TheSignatureWasForAnotherNonce() external {
        _refuse(NEW, key, key.sign(digestOf(address(parties), twin.hashRegisterParty(NEW, key.signer, 1, FAR))));
    }

    function test_RevertWhen_TheSignatureWasForAnotherContract() external {
        _refuse(NEW, key, key.sign(digestOf(address(agreements), twin.hashRegisterParty(NEW, key.signer, 0, FAR))));
    }

    function test_RevertWhen_TheSignatureWasForAnotherChain() external {
        bytes memory signature = key.sign(registration(NEW, key, FAR));
        vm.chainId(block.chainid + 1);
        _refuse(NEW, key, signature);
    }

    function test_RevertWhen_TheSignerIsShorterThanAnAddress() external {
        Key memory short = Key(Kind.Eoa, hex"0102030405", 0xbeef);
        _refuse(NEW, short, short.sign(registration(NEW, short, FAR)));
    }

    function test_RevertWhen_TheVerifierIsNoContract() external {
        Key memory odd = Keys.p256(stranger, 0xfeed);
        _refuse(NEW, odd, odd.sign(registration(NEW, odd, FAR)));
    }

    function test_When_TheSignerProvesThatItHoldsItsKey() external {
        Key[4] memory keys = _everyKind();
        for (uint256 i = 0; i < keys.length; ++i) {
            bytes32 party = keccak256(abi.encode("a newcomer", i));
            bytes memory signature = keys[i].sign(registration(party, keys[i], FAR));
            vm.expectEmit(address(parties));
            emit IPartyRegistry.PartyRegistered(party, keys[i].signer);
            _register(party, keys[i], signature);
            vm.assertTrue(parties.isSigner(party, keys[i].signer), "the signer stands for the party");
            vm.assertEq(parties.standingOf(party, keys[i].signer).since, block.timestamp, "since this block");
            vm.assertEq(parties.nonceOf(party), 1, "the registration moves the nonce on");
        }
    }

    function testFuzz_AnyFlippedBitIsRefusedForEveryKind(uint256 secret, uint16 bit, uint8 kind) external {
        secret = bound(secret, 1, type(uint128).max);
        Key memory k = kind % 3 == 0 ? Keys.eoa(secret) : kind % 3 == 1 ? Keys.account(secret) : Keys.p256(p256, secret);
        bytes memory signature = k.sign(registration(NEW, k, FAR));
        _refuse(NEW, k, Keys.flipped(signature, bit));
        _register(NEW, k, signature);
    }
}
