// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Papers} from "../support/Papers.sol";
import {bound, vm} from "../support/Vm.sol";

/// @title A registrar, a recorder, a guardian and two parties who do whatever they may, in any order.
contract RegistryHandler is Papers {
    using Keys for Key;

    struct End {
        bool ended;
        uint64 at;
    }

    /// @dev What the chain once said about a second that had passed.
    struct Past {
        bytes32 id;
        uint64 time;
        bool inForce;
    }

    bytes32[] private _ids;
    mapping(bytes32 id => IAgreementRegistry.Agreement) private _agreements;
    mapping(bytes32 id => End) private _ends;
    Past[] private _pasts;
    bytes32[] private _attested; // agreements of the third party that the utility attested
    mapping(bytes32 id => uint256) public changesBefore; // the third party's when its agreement was recorded
    mapping(bytes32 id => uint256) public lineOf;
    uint256 public changes; // of the signers of a third party
    uint256 public lines;
    Key[] private _keys;
    uint256 private _last; // the key that stands for the third party, or did last
    mapping(uint256 key => uint8) public phase; // 0 never stood, 1 stands, 2 stood
    bytes32 private constant THIRD = keccak256("a third party");

    constructor() {
        setUp();
        for (uint256 i = 0; i < 8; ++i) {
            _keys.push(i % 2 == 0 ? Keys.eoa(0x7000 + i) : Keys.p256(p256, 0x7000 + i));
        }
    }

    function wait(uint256 seed) external {
        vm.warp(block.timestamp + bound(seed, 0, 40 days));
    }

    function askAboutThePast(uint256 which, uint256 seed) external {
        bytes32 id = _pick(which);
        if (id == 0 || _pasts.length == 30) return;
        uint64 time = uint64(bound(seed, block.timestamp - 60 days, block.timestamp - 1));
        _pasts.push(Past(id, time, agreements.inForce(id, time)));
    }

    // --- agreements

    function recordNew(uint256 seed) external {
        if (lines == 3) return;
        IAgreementRegistry.Agreement memory a = _draft(0, seed);
        record(a);
        _keep(a, ++lines);
    }

    function supersede(uint256 seed, uint256 which) external {
        bytes32 old = _pick(which);
        if (old == 0 || _ids.length == 9 || agreements.recordOf(old).status != IAgreementRegistry.Status.Recorded) return;
        IAgreementRegistry.Agreement memory a = _draft(old, seed);
        (bytes[] memory signers, bytes[] memory signatures) = signed(a);
        uint64 earliest = agreements.recordOf(old).validFrom;
        if (earliest < block.timestamp) earliest = uint64(block.timestamp);
        bool early = a.validFrom < earliest;
        if (early) {
            vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.SuccessorTooEarly.selector, a.id, old, a.validFrom, earliest));
        }
        bring(a, signers, signatures);
        if (early) return;
        _keep(a, lineOf[old]);
        _note(old);
    }

    function end(uint256 which, uint256 seed) external {
        bytes32 id = _pick(which);
        if (id == 0) return;
        IAgreementRegistry.Status status = agreements.recordOf(id).status;
        uint64 at = uint64(bound(seed, 0, block.timestamp + 100 days));
        bool later = (at < block.timestamp ? block.timestamp : at) >= agreements.recordOf(id).endedAt;
        bool refused = status == IAgreementRegistry.Status.Revoked || (status != IAgreementRegistry.Status.Recorded && later);
        bytes memory signature = homeKey.sign(termination(id, HOME, at, FAR));
        if (refused) vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, id, status));
        vm.prank(stranger);
        agreements.terminate(_agreements[id], HOME, at, FAR, homeKey.signer, signature);
        if (refused) return;
        _note(id);
    }

    function revokeOne(uint256 which) external {
        bytes32 id = _pick(which);
        if (id == 0 || agreements.recordOf(id).status == IAgreementRegistry.Status.Revoked) return;
        vm.prank(guardian);
        agreements.revoke(id, keccak256("reason"));
        _note(id);
    }

    function attest() external {
        if (_attested.length == 4) return;
        IAgreementRegistry.Agreement memory a = draft(keccak256(abi.encode("attested", _attested.length)), 0);
        (a.parties[0], a.deadline) = (THIRD, FAR);
        (bytes[] memory signers, bytes[] memory signatures, bytes32[] memory evidence) = attested(a);
        bool keyed = changes != 0;
        if (keyed) vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.PartySignsItself.selector, THIRD));
        bringAttested(a, signers, signatures, evidence);
        if (keyed) return;
        changesBefore[a.id] = parties.nonceOf(THIRD);
        _attested.push(a.id);
    }

    // --- signers

    function admit(uint256 seed) external {
        uint256 k = bound(seed, 0, _keys.length - 1);
        bytes memory signature = _keys[k].sign(registration(THIRD, _keys[k], FAR));
        bool first = changes == 0;
        if (!first) vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyAlreadyRegistered.selector, THIRD, changes));
        vm.prank(registrar);
        parties.register(THIRD, _keys[k].signer, FAR, signature);
        if (first) (phase[k], changes, _last) = (1, 1, k);
    }

    function exchangeKeys(uint256 seed) external {
        (uint256 a, uint256 b) = (_last, bound(seed, 0, _keys.length - 1));
        if (phase[a] != 1 || phase[b] != 0) return;
        bytes32 digest =
            digestOf(address(parties), twin.hashRotateSigner(THIRD, _keys[a].signer, _keys[b].signer, parties.nonceOf(THIRD), FAR));
        parties.rotate(THIRD, _keys[a].signer, _keys[b].signer, FAR, _keys[a].sign(digest), _keys[b].sign(digest));
        (phase[a], phase[b], changes, _last) = (2, 1, changes + 1, b);
    }

    function dismiss(uint256 seed) external {
        uint256 k = bound(seed, 0, _keys.length - 1);
        if (phase[k] != 1) return;
        vm.prank(registrar);
        parties.revokeByRegistrar(THIRD, _keys[k].signer);
        (phase[k], changes) = (2, changes + 1);
    }

    // --- books

    function registries() external view returns (IAgreementRegistry, IPartyRegistry, bytes32) {
        return (agreements, parties, THIRD);
    }

    function count() external view returns (uint256) {
        return _ids.length;
    }

    function idAt(uint256 i) external view returns (bytes32) {
        return _ids[i];
    }

    function attestedOnes() external view returns (bytes32[] memory) {
        return _attested;
    }

    function keys() external view returns (uint256) {
        return _keys.length;
    }

    function signerAt(uint256 k) external view returns (bytes memory) {
        return _keys[k].signer;
    }

    function pasts() external view returns (Past[] memory) {
        return _pasts;
    }

    function endOf(bytes32 id) external view returns (bool, uint64) {
        return (_ends[id].ended, _ends[id].at);
    }

    function _draft(bytes32 old, uint256 seed) private view returns (IAgreementRegistry.Agreement memory a) {
        a = draft(keccak256(abi.encode("agreement", _ids.length)), old);
        a.validFrom = uint64(bound(seed, block.timestamp - 50 days, block.timestamp + 50 days));
        a.validTo = a.validFrom + uint64(bound(seed >> 64, 1, 500 days));
        a.deadline = FAR;
    }

    function _keep(IAgreementRegistry.Agreement memory a, uint256 line) private {
        _agreements[a.id] = a;
        lineOf[a.id] = line;
        _ids.push(a.id);
    }

    function _note(bytes32 id) private {
        uint64 at = agreements.recordOf(id).endedAt;
        if (!_ends[id].ended || at < _ends[id].at) _ends[id] = End(true, at);
    }

    function _pick(uint256 seed) private view returns (bytes32) {
        return _ids.length == 0 ? bytes32(0) : _ids[seed % _ids.length];
    }
}
