// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {Meters} from "../support/Meters.sol";
import {vm} from "../support/Vm.sol";

contract MeterHashTest is Meters {
    function test_When_ItWasNeverInstalled() external view {
        vm.assertEq(meters.meterHash(METER), 0, "nothing");
    }

    function test_When_ItIsInstalled() external {
        install(METER, meter(), signedMeter(METER, meter()));
        vm.assertEq(meters.meterHash(METER), twin.hashMeter(METER, meter()), "hashStruct(Meter)");
    }

    function test_When_ItWasRetired() external {
        install(METER, meter(), signedMeter(METER, meter()));
        vm.prank(registrar);
        meters.retire(METER, DAY + 1 days);
        IMeterRegistry.Meter memory m = meter();
        m.validTo = DAY + 1 days;
        vm.assertEq(meters.meterHash(METER), twin.hashMeter(METER, m), "as it stands now");
    }
}
