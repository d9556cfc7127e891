// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {Meters} from "../support/Meters.sol";
import {vm} from "../support/Vm.sol";

contract MeterOfTest is Meters {
    function test_When_ItWasNeverInstalled() external view {
        IMeterRegistry.Meter memory none;
        vm.assertEq(abi.encode(meters.meterOf(METER)), abi.encode(none), "all zeros");
    }

    function test_When_ItIsInstalled() external {
        install(METER, meter(), signedMeter(METER, meter()));
        vm.assertEq(abi.encode(meters.meterOf(METER)), abi.encode(meter()), "every value");
    }

    function test_When_ItWasRetired() external {
        install(METER, meter(), signedMeter(METER, meter()));
        vm.prank(registrar);
        meters.retire(METER, DAY + 1 days);
        IMeterRegistry.Meter memory m = meter();
        m.validTo = DAY + 1 days;
        vm.assertEq(abi.encode(meters.meterOf(METER)), abi.encode(m), "out of service from then on");
    }
}
