// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";
import {ERC7913RSAVerifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913RSAVerifier.sol";
import {ERC7913WebAuthnVerifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol";

import {AgreementRegistry} from "../../AgreementRegistry.sol";
import {DocumentLog} from "../../DocumentLog.sol";
import {Exchange} from "../../Exchange.sol";
import {MeterRegistry} from "../../MeterRegistry.sol";
import {PartyRegistry} from "../../PartyRegistry.sol";
import {ProtocolTwin} from "../../ProtocolTwin.sol";
import {ReadingAnchor} from "../../ReadingAnchor.sol";
import {Settlement} from "../../Settlement.sol";
import {IGoverned} from "../../interfaces/IGoverned.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Key, Keys, Kind} from "./Keys.sol";
import {vm} from "./Vm.sol";

/// @title A deployment as `sonang deploy` makes it, one address for each role, four oracles of which one may lie.
abstract contract World {
    using Keys for Key;

    uint64 internal constant DAY = 1_751_302_800; // 2025-07-01 00:00 at UTC+7
    uint64 internal constant FAR = type(uint64).max;
    bytes32 internal constant ZONE = keccak256("a zone");
    bytes32 internal constant HOME = keccak256("a home");
    bytes32 internal constant UTILITY = keccak256("the utility");

    address internal immutable registrar = address(uint160(0xa1));
    address internal immutable recorder = address(uint160(0xa2));
    address internal immutable operator = address(uint160(0xa3));
    address internal immutable guardian = address(uint160(0xa4));
    address internal immutable oracleAdmin = address(uint160(0xa5));
    address internal immutable stranger = address(uint160(0xa6));

    AccessManager internal manager;
    address internal p256;
    address internal rsa;
    address internal webauthn;
    PartyRegistry internal parties;
    AgreementRegistry internal agreements;
    MeterRegistry internal meters;
    ReadingAnchor internal anchor;
    Exchange internal exchange;
    Settlement internal settlement;
    DocumentLog internal documents;
    ProtocolTwin internal twin;

    Key[] internal oracles; // in rising order of their signers
    Key internal homeKey;
    Key internal utilityKey;

    function setUp() public virtual {
        vm.warp(DAY - 1 days);
        bytes memory managed =
            abi.encode(manager = AccessManager(vm.deployCode("AccessManager.sol:AccessManager", abi.encode(address(this)))));
        p256 = vm.deployCode("ERC7913P256Verifier.sol:ERC7913P256Verifier");
        rsa = vm.deployCode("ERC7913RSAVerifier.sol:ERC7913RSAVerifier");
        webauthn = vm.deployCode("ERC7913WebAuthnVerifier.sol:ERC7913WebAuthnVerifier");
        twin = ProtocolTwin(vm.deployCode("ProtocolTwin.sol:ProtocolTwin"));
        parties = PartyRegistry(vm.deployCode("PartyRegistry.sol:PartyRegistry", managed));
        agreements = AgreementRegistry(vm.deployCode("AgreementRegistry.sol:AgreementRegistry", abi.encode(parties, manager)));
        meters = MeterRegistry(vm.deployCode("MeterRegistry.sol:MeterRegistry", abi.encode(parties, manager)));
        anchor = ReadingAnchor(vm.deployCode("ReadingAnchor.sol:ReadingAnchor", abi.encode(_makeOracles(4), uint8(1), manager)));
        exchange = Exchange(vm.deployCode("Exchange.sol:Exchange", abi.encode(parties, anchor, manager)));
        settlement = Settlement(vm.deployCode("Settlement.sol:Settlement", abi.encode(exchange, manager)));
        documents = DocumentLog(vm.deployCode("DocumentLog.sol:DocumentLog", managed));
        _grantRoles();
        homeKey = Keys.eoa(0x401e);
        utilityKey = Keys.p256(p256, 0xe7);
        register(HOME, homeKey);
        register(UTILITY, utilityKey);
    }

    // --- signing

    /// @dev The EIP-712 digest for a contract of this deployment, built without its code.
    function digestOf(address target, bytes32 structHash) internal view returns (bytes32) {
        return twin.digest(block.chainid, target, structHash);
    }

    function registration(bytes32 party, Key memory key, uint64 deadline) internal view returns (bytes32) {
        return digestOf(address(parties), twin.hashRegisterParty(party, key.signer, parties.nonceOf(party), deadline));
    }

    function register(bytes32 party, Key memory key) internal {
        bytes memory signature = key.sign(registration(party, key, FAR));
        vm.prank(registrar);
        parties.register(party, key.signer, FAR, signature);
    }

    // --- oracles

    function readings(uint64 start, uint32 version, bytes32 root, uint32 count) internal pure returns (IReadingAnchor.Readings memory) {
        return IReadingAnchor.Readings(ZONE, start, start + 1 days, version, root, count);
    }

    function statement(IReadingAnchor.Readings memory r, uint256 from, uint256 count)
        internal
        view
        returns (IReadingAnchor.Statement memory s)
    {
        bytes32 digest = digestOf(address(anchor), twin.hashReadings(r));
        s = IReadingAnchor.Statement(r, new bytes[](count), new bytes[](count));
        for (uint256 i = 0; i < count; ++i) {
            s.signers[i] = oracles[from + i].signer;
            s.signatures[i] = oracles[from + i].sign(digest);
        }
    }

    function anchorOne(IReadingAnchor.Statement memory s) internal {
        anchor.anchor(only(s));
    }

    function only(IReadingAnchor.Statement memory s) internal pure returns (IReadingAnchor.Statement[] memory list) {
        list = new IReadingAnchor.Statement[](1);
        list[0] = s;
    }

    function _makeOracles(uint256 count) private returns (bytes[] memory signers) {
        signers = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            oracles.push(Keys.eoa(0x0ac1e + i));
        }
        for (uint256 i = 0; i < count; ++i) {
            for (uint256 j = i + 1; j < count; ++j) {
                if (bytes20(oracles[j].signer) < bytes20(oracles[i].signer)) {
                    (Key memory a, Key memory b) = (oracles[i], oracles[j]);
                    (oracles[i], oracles[j]) = (b, a);
                }
            }
            signers[i] = oracles[i].signer;
        }
    }

    // --- roles, as in docs/protocol.md

    function _grantRoles() private {
        manager.grantRole(1, registrar, 0);
        manager.grantRole(2, recorder, 0);
        manager.grantRole(3, operator, 0);
        manager.grantRole(4, guardian, 0);
        manager.grantRole(5, oracleAdmin, 0);
        _open(address(parties), 1, PartyRegistry.register.selector);
        _open(address(parties), 1, PartyRegistry.revokeByRegistrar.selector);
        _open(address(meters), 1, MeterRegistry.install.selector);
        _open(address(meters), 1, MeterRegistry.retire.selector);
        _open(address(agreements), 2, AgreementRegistry.record.selector);
        _open(address(agreements), 2, AgreementRegistry.recordAttested.selector);
        _open(address(agreements), 4, AgreementRegistry.revoke.selector);
        _open(address(anchor), 5, ReadingAnchor.setOracles.selector);
        _open(address(exchange), 3, Exchange.configureZone.selector);
        _open(address(exchange), 3, Exchange.commitOrders.selector);
        _open(address(exchange), 3, Exchange.postClearings.selector);
        _open(address(exchange), 4, Exchange.voidClearing.selector);
        _open(address(settlement), 3, Settlement.settle.selector);
        _open(address(documents), 2, DocumentLog.anchor.selector);
        address[7] memory all = [
            address(parties),
            address(agreements),
            address(meters),
            address(anchor),
            address(exchange),
            address(settlement),
            address(documents)
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            _open(all[i], 4, IGoverned.pause.selector);
            _open(all[i], 4, IGoverned.unpause.selector);
        }
    }

    function _open(address target, uint64 role, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    function pause(IGoverned target) internal {
        vm.prank(guardian);
        target.pause();
    }
}
