// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract RecordOfTest is Papers {
    function _record(IAgreementRegistry.Agreement memory a, uint64 endedAt, IAgreementRegistry.Status status, bytes32 by)
        private
        view
        returns (IAgreementRegistry.Record memory)
    {
        return IAgreementRegistry.Record(twin.hashAgreement(a), SEALED, a.validFrom, a.validTo, endedAt, status, 0, by);
    }

    function test_When_ThereIsNoSuchAgreement() external view {
        IAgreementRegistry.Record memory none;
        vm.assertEq(abi.encode(agreements.recordOf(ID)), abi.encode(none), "all zeros");
    }

    function test_When_ItIsRecorded() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        record(a);
        vm.assertEq(abi.encode(agreements.recordOf(ID)), abi.encode(_record(a, 0, IAgreementRegistry.Status.Recorded, 0)), "as recorded");
    }

    function test_When_ItWasSuperseded() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        record(a);
        IAgreementRegistry.Agreement memory b = draft(keccak256("new"), ID);
        b.validFrom = DAY + 30 days;
        record(b);
        vm.assertEq(
            abi.encode(agreements.recordOf(ID)), abi.encode(_record(a, b.validFrom, IAgreementRegistry.Status.Superseded, b.id)), "replaced"
        );
    }

    function test_When_ItWasTerminated() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        record(a);
        terminate(a, DAY + 30 days);
        vm.assertEq(
            abi.encode(agreements.recordOf(ID)), abi.encode(_record(a, DAY + 30 days, IAgreementRegistry.Status.Terminated, 0)), "ended"
        );
    }

    function test_When_ItWasRevokedAfterItWasSuperseded() external {
        IAgreementRegistry.Agreement memory a = draft(ID, 0);
        record(a);
        IAgreementRegistry.Agreement memory b = draft(keccak256("new"), ID);
        b.validFrom = DAY + 30 days;
        record(b);
        vm.warp(DAY + 10 days);
        vm.prank(guardian);
        agreements.revoke(ID, keccak256("fraud"));
        vm.assertEq(
            abi.encode(agreements.recordOf(ID)), abi.encode(_record(a, DAY + 10 days, IAgreementRegistry.Status.Revoked, b.id)), "revoked"
        );
    }
}
