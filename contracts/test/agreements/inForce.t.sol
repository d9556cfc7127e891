// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";

contract InForceTest is Papers {
    IAgreementRegistry.Agreement private agreement;

    function setUp() public override {
        super.setUp();
        agreement = draft(ID, 0);
        record(agreement);
    }

    function test_When_ThereIsNoSuchAgreement() external view {
        vm.assertFalse(agreements.inForce(keccak256("none"), DAY), "what is not recorded is not in force");
    }

    function test_When_TheTimeIsBeforeValidityBegins() external view {
        vm.assertFalse(agreements.inForce(ID, DAY - 1), "not yet");
    }

    function test_When_TheTimeIsInTheFirstSecond() external view {
        vm.assertTrue(agreements.inForce(ID, DAY), "the first second counts");
    }

    function test_When_TheTimeIsInTheLastSecond() external view {
        vm.assertTrue(agreements.inForce(ID, agreement.validTo - 1), "the last second counts");
    }

    function test_When_TheTimeIsTheEndOfValidity() external view {
        vm.assertFalse(agreements.inForce(ID, agreement.validTo), "the end does not");
    }

    function test_When_ValidityHasNoEnd() external {
        IAgreementRegistry.Agreement memory endless = draft(keccak256("endless"), 0);
        endless.validTo = FAR;
        record(endless);
        vm.assertTrue(agreements.inForce(endless.id, FAR - 1), "for ever");
    }

    function testFuzz_ATerminatedAgreementIsInForceExactlyFromItsBeginningToItsEnd(uint64 effectiveAt, uint64 time) external {
        terminate(agreement, effectiveAt);
        uint64 end = effectiveAt > block.timestamp ? effectiveAt : uint64(block.timestamp);
        bool expected = time >= agreement.validFrom && time < agreement.validTo && time < end;
        vm.assertTrue(agreements.inForce(ID, time) == expected, "in force exactly in [validFrom, min(validTo, endedAt))");
    }
}
