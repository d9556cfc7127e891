// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Keys} from "../support/Keys.sol";
import {Lies} from "../support/Lies.sol";
import {vm} from "../support/Vm.sol";

contract ReportEquivocationTest is Lies {
    IReadingAnchor.Readings private a;
    IReadingAnchor.Readings private b;

    function setUp() public override {
        super.setUp();
        a = readings(DAY, 1, keccak256("one"), 48);
        b = readings(DAY, 1, keccak256("two"), 48);
    }

    function _refuse() private {
        bytes memory signatureA = signReadings(0, a);
        bytes memory signatureB = signReadings(0, b);
        vm.expectRevert(
            abi.encodeWithSelector(
                IReadingAnchor.NotAnEquivocation.selector,
                keccak256(abi.encode(a.zone, a.periodStart, a.version)),
                keccak256(abi.encode(b.zone, b.periodStart, b.version)),
                twin.hashReadings(a),
                twin.hashReadings(b)
            )
        );
        anchor.reportEquivocation(oracles[0].signer, a, signatureA, b, signatureB);
    }

    function test_RevertWhen_TheStatementsAreAboutDifferentVersions() external {
        b.version = 2;
        _refuse();
    }

    function test_RevertWhen_TheStatementsAreAboutDifferentPeriods() external {
        b.periodStart += 1;
        _refuse();
    }

    function test_RevertWhen_TheStatementsAreAboutDifferentZones() external {
        b.zone = keccak256("another");
        _refuse();
    }

    function test_RevertWhen_TheStatementsSayTheSame() external {
        b = a;
        _refuse();
    }

    function test_RevertWhen_TheSignerIsNoOracle() external {
        oracles[0] = Keys.eoa(0xbad);
        bytes memory signatureA = signReadings(0, a);
        bytes memory signatureB = signReadings(0, b);
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, oracles[0].signer, IReadingAnchor.Standing.None));
        anchor.reportEquivocation(oracles[0].signer, a, signatureA, b, signatureB);
    }

    function test_RevertWhen_TheOracleWasExpelledBefore() external {
        expel(0);
        bytes memory signatureA = signReadings(0, a);
        bytes memory signatureB = signReadings(0, b);
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, oracles[0].signer, IReadingAnchor.Standing.Expelled));
        anchor.reportEquivocation(oracles[0].signer, a, signatureA, b, signatureB);
    }

    function test_RevertWhen_OneOfTheSignaturesIsNotItsOwn() external {
        bytes memory own = signReadings(0, a);
        bytes memory anothers = signReadings(1, b);
        bytes32 digest = digestOf(address(anchor), twin.hashReadings(b));
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, oracles[0].signer, digest));
        anchor.reportEquivocation(oracles[0].signer, a, own, b, anothers);
        own = signReadings(0, b);
        anothers = signReadings(1, a);
        digest = digestOf(address(anchor), twin.hashReadings(a));
        vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, oracles[0].signer, digest));
        anchor.reportEquivocation(oracles[0].signer, a, anothers, b, own);
    }

    function test_When_ItSignedBoth() external {
        for (uint256 lying = 0; lying < 4; lying += 3) {
            bytes memory signer = oracles[lying].signer;
            bytes memory signatureA = signReadings(lying, a);
            bytes memory signatureB = signReadings(lying, b);
            if (lying == 0) pause(anchor);
            vm.expectEmit(address(anchor));
            emit IReadingAnchor.EquivocationProven(signer, ZONE, DAY, 1, a.root, b.root);
            vm.prank(stranger);
            anchor.reportEquivocation(signer, a, signatureA, b, signatureB);
            vm.assertFalse(anchor.isOracle(signer), "it is no oracle any more");
        }
        vm.assertTrue(anchor.isOracle(oracles[1].signer) && anchor.isOracle(oracles[2].signer), "the others still are");
        vm.assertEq(anchor.oracles().length, 2, "and no more");
        vm.assertEq(anchor.maxFaulty(), 1, "the quorum stays at two signatures");
    }
}
