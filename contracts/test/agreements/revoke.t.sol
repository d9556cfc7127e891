// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract RevokeAgreementTest is Papers {
    bytes32 private constant REASON = keccak256("forged-identity");

    IAgreementRegistry.Agreement private agreement;

    function setUp() public override {
        super.setUp();
        agreement = draft(ID, 0);
        record(agreement);
        vm.warp(DAY + 10 days);
    }

    function _revoke(bytes32 id) private {
        vm.prank(guardian);
        agreements.revoke(id, REASON);
    }

    function test_RevertWhen_TheCallerIsNotTheGuardian() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, recorder));
        vm.prank(recorder);
        agreements.revoke(ID, REASON);
    }

    function test_RevertWhen_ThereIsNoSuchAgreement() external {
        bytes32 none = keccak256("none");
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, none, IAgreementRegistry.Status.None));
        _revoke(none);
    }

    function test_RevertWhen_ItWasRevokedAlready() external {
        _revoke(ID);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementNotOpen.selector, ID, IAgreementRegistry.Status.Revoked));
        _revoke(ID);
    }

    function test_When_ItHadEndedBefore() external {
        terminate(agreement, DAY + 10 days);
        vm.warp(DAY + 30 days);
        _revoke(ID);
        vm.assertEq(agreements.recordOf(ID).endedAt, DAY + 10 days, "the earlier end stands");
    }

    function test_When_ItWasToEndLater() external {
        terminate(agreement, DAY + 20 days);
        _revoke(ID);
        vm.assertEq(agreements.recordOf(ID).endedAt, block.timestamp, "it ends now");
        vm.assertFalse(agreements.inForce(ID, DAY + 15 days), "not in force any more");
    }

    function test_When_ItIsInForce() external {
        pause(agreements);
        vm.expectEmit(address(agreements));
        emit IAgreementRegistry.AgreementRevoked(ID, REASON, uint64(block.timestamp));
        _revoke(ID);
        vm.assertTrue(agreements.inForce(ID, uint64(block.timestamp) - 1), "the past stays as it was");
        vm.assertFalse(agreements.inForce(ID, uint64(block.timestamp)), "over");
    }
}
