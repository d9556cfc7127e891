// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Lies} from "../support/Lies.sol";
import {vm} from "../support/Vm.sol";

contract AnchorTest is Lies {
    using Keys for Key;

    bytes32 private constant ROOT = keccak256("a root");

    IReadingAnchor.Readings private good;

    function setUp() public override {
        super.setUp();
        good = readings(DAY, 1, ROOT, 48);
        vm.warp(DAY + 1 days);
    }

    function _refuse(IReadingAnchor.Statement memory s, bytes memory revertData) private {
        vm.expectRevert(revertData);
        anchorOne(s);
    }

    function _refuseReadings(IReadingAnchor.Readings memory r, bytes memory revertData) private {
        _refuse(statement(r, 0, 2), revertData);
    }

    function test_RevertWhen_Paused() external {
        pause(anchor);
        _refuseReadings(good, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_ThePeriodIsEmpty() external {
        good.periodEnd = DAY;
        _refuseReadings(good, abi.encodeWithSelector(ISigned.EmptyPeriod.selector, DAY, DAY));
    }

    function test_RevertWhen_ThePeriodHasNotEnded() external {
        vm.warp(DAY + 1 days - 1);
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.PeriodNotOver.selector, DAY + 1 days, block.timestamp));
    }

    function test_RevertWhen_RootAndCountContradictEachOther() external {
        good.count = 0;
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.RootContradictsCount.selector, ROOT, 0));
        (good.count, good.root) = (1, 0);
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.RootContradictsCount.selector, bytes32(0), 1));
    }

    function test_RevertWhen_TheVersionIsZero() external {
        good.version = 0;
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.VersionSkipped.selector, ZONE, DAY, 0));
    }

    function test_RevertWhen_TheVersionBeforeIsNotAnchored() external {
        good.version = 2;
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.VersionSkipped.selector, ZONE, DAY, 2));
    }

    function test_RevertWhen_OtherReadingsHaveTheVersion() external {
        anchorOne(statement(good, 0, 2));
        bytes32 taken = twin.hashReadings(good);
        good.root = keccak256("another root");
        _refuseReadings(good, abi.encodeWithSelector(IReadingAnchor.VersionTaken.selector, ZONE, DAY, 1, taken));
    }

    function test_RevertWhen_SignersAndSignaturesDifferInNumber() external {
        IReadingAnchor.Statement memory s = statement(good, 0, 2);
        s.signatures = new bytes[](1);
        _refuse(s, abi.encodeWithSelector(ISigned.LengthMismatch.selector, 2, 1));
    }

    function test_RevertWhen_ThereAreOnlyFSignatures() external {
        _refuse(statement(good, 0, 1), abi.encodeWithSelector(IReadingAnchor.QuorumNotReached.selector, 1, 2));
    }

    function test_RevertWhen_OneSignerCountsTwice() external {
        for (uint256 i = 1; i < 4; ++i) {
            IReadingAnchor.Statement memory s = statement(good, 0, 4);
            (s.signers[i], s.signatures[i]) = (s.signers[i - 1], s.signatures[i - 1]);
            _refuse(s, abi.encodeWithSelector(IReadingAnchor.SignersNotRising.selector, s.signers[i], s.signers[i]));
        }
    }

    function test_RevertWhen_TheSignersAreNotInRisingOrder() external {
        IReadingAnchor.Statement memory s = statement(good, 0, 2);
        (s.signers[0], s.signers[1]) = (s.signers[1], s.signers[0]);
        (s.signatures[0], s.signatures[1]) = (s.signatures[1], s.signatures[0]);
        _refuse(s, abi.encodeWithSelector(IReadingAnchor.SignersNotRising.selector, s.signers[0], s.signers[1]));
    }

    function test_RevertWhen_ASignerIsNoOracle() external {
        oracles[0] = Keys.eoa(0xbad);
        bytes memory revertData =
            abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, oracles[0].signer, IReadingAnchor.Standing.None);
        _refuseReadings(good, revertData);
    }

    function test_RevertWhen_ASignerWasExpelled() external {
        expel(0);
        bytes memory revertData =
            abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, oracles[0].signer, IReadingAnchor.Standing.Expelled);
        _refuseReadings(good, revertData);
        anchorOne(statement(good, 1, 2));
    }

    function test_RevertWhen_ASignatureIsOfOtherReadings() external {
        for (uint256 field = 0; field < 6; ++field) {
            IReadingAnchor.Statement memory s = statement(good, 0, 2);
            if (field == 0) s.readings.zone = keccak256("another");
            if (field == 1) s.readings.periodStart += 1;
            if (field == 2) s.readings.periodEnd -= 1;
            if (field == 3) s.readings.root = keccak256("another");
            if (field == 4) s.readings.count += 1;
            if (field == 5) s.signatures[1] = statement(readings(DAY, 2, ROOT, 48), 1, 1).signatures[0];
            bytes32 digest = digestOf(address(anchor), twin.hashReadings(s.readings));
            _refuse(s, abi.encodeWithSelector(ISigned.InvalidSignature.selector, s.signers[field == 5 ? 1 : 0], digest));
        }
    }

    function test_RevertWhen_ASignatureIsTheHighTwin() external {
        IReadingAnchor.Statement memory s = statement(good, 0, 2);
        s.signatures[1] = oracles[1].twin(s.signatures[1]);
        bytes32 digest = digestOf(address(anchor), twin.hashReadings(good));
        _refuse(s, abi.encodeWithSelector(ISigned.InvalidSignature.selector, s.signers[1], digest));
    }

    function test_RevertWhen_OneStatementOfABatchIsWrong() external {
        IReadingAnchor.Statement[] memory list = new IReadingAnchor.Statement[](2);
        (list[0], list[1]) = (statement(good, 0, 2), statement(readings(DAY - 1 days, 1, ROOT, 48), 0, 1));
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.QuorumNotReached.selector, 1, 2));
        anchor.anchor(list);
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), 0, "nothing of the batch counts");
    }

    function test_When_TheSameStatementComesAgain() external {
        anchorOne(statement(good, 0, 2));
        anchorOne(statement(good, 2, 2));
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), twin.hashReadings(good), "it stands as it stood");
    }

    function test_When_ACorrectionFollows() external {
        anchorOne(statement(good, 0, 2));
        IReadingAnchor.Readings memory corrected = readings(DAY, 2, keccak256("corrected"), 48);
        anchorOne(statement(corrected, 2, 2));
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), twin.hashReadings(good), "version 1 stays");
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 2), twin.hashReadings(corrected), "version 2 is the correction");
    }

    function test_When_TheOraclesAreP256KeysAndACertificate() external {
        delete oracles;
        Key memory x = Keys.p256(p256, 1);
        Key memory y = Keys.p256(p256, 2);
        bool rising = _below(x.signer, y.signer);
        oracles.push(rising ? x : y);
        oracles.push(rising ? y : x);
        oracles.push(Keys.rsa(rsa));
        oracles.push(Keys.eoa(3));
        bytes[] memory list = new bytes[](4);
        for (uint256 i = 0; i < 4; ++i) {
            list[i] = oracles[i].signer;
        }
        vm.prank(oracleAdmin);
        anchor.setOracles(list, 1);
        anchorOne(statement(good, 0, 2));
        IReadingAnchor.Statement memory s = statement(readings(DAY, 2, ROOT, 48), 1, 2);
        if (!_below(s.signers[0], s.signers[1])) {
            (s.signers[0], s.signers[1]) = (s.signers[1], s.signers[0]);
            (s.signatures[0], s.signatures[1]) = (s.signatures[1], s.signatures[0]);
        }
        anchorOne(s);
        vm.assertTrue(anchor.readingsHash(ZONE, DAY, 2) != 0, "a P-256 key and a certificate make a quorum");
    }

    function test_When_FPlusOneOraclesSigned() external {
        IReadingAnchor.Statement[] memory list = only(statement(good, 0, 2));
        vm.expectEmit(address(anchor));
        emit IReadingAnchor.ReadingsAnchored(ZONE, DAY, 1, DAY + 1 days, ROOT, 48);
        vm.prank(stranger);
        anchor.anchor(list);
        vm.assertEq(anchor.readingsHash(ZONE, DAY, 1), twin.hashReadings(good), "the hash of what was signed");
    }

    /// @dev The slow, obvious order of byte strings.
    function _below(bytes memory a, bytes memory b) private pure returns (bool) {
        for (uint256 i = 0; i < a.length && i < b.length; ++i) {
            if (a[i] != b[i]) return uint8(a[i]) < uint8(b[i]);
        }
        return a.length < b.length;
    }
}
