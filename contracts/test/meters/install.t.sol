// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Meters} from "../support/Meters.sol";
import {vm} from "../support/Vm.sol";

contract InstallTest is Meters {
    function _refuse(bytes32 id, IMeterRegistry.Meter memory m, bytes memory revertData) private {
        bytes memory signature = signedMeter(id, m);
        vm.expectRevert(revertData);
        install(id, m, signature);
    }

    function test_RevertWhen_TheCallerIsNotTheRegistrar() external {
        bytes memory signature = signedMeter(METER, meter());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        meters.install(METER, meter(), signature);
    }

    function test_RevertWhen_Paused() external {
        pause(meters);
        _refuse(METER, meter(), abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_RevertWhen_MeterOrZoneIsZero() external {
        _refuse(0, meter(), abi.encodeWithSelector(ISigned.ZeroId.selector));
        IMeterRegistry.Meter memory m = meter();
        m.zone = 0;
        _refuse(METER, m, abi.encodeWithSelector(ISigned.ZeroId.selector));
    }

    function test_RevertWhen_ItLeavesServiceBeforeItEntersIt() external {
        IMeterRegistry.Meter memory m = meter();
        m.validTo = m.validFrom;
        _refuse(METER, m, abi.encodeWithSelector(ISigned.EmptyPeriod.selector, DAY, DAY));
    }

    function test_RevertWhen_TheMeterIsInstalledAlready() external {
        install(METER, meter(), signedMeter(METER, meter()));
        _refuse(METER, meter(), abi.encodeWithSelector(IMeterRegistry.MeterAlreadyInstalled.selector, METER, HOME));
    }

    function test_RevertWhen_ThePartyWasNeverRegistered() external {
        IMeterRegistry.Meter memory m = meter();
        m.party = keccak256("nobody");
        _refuse(METER, m, abi.encodeWithSelector(IMeterRegistry.UnknownParty.selector, m.party));
    }

    function test_RevertWhen_AnyValueDiffersFromWhatTheMeterSigned() external {
        bytes memory signature = signedMeter(METER, meter());
        for (uint256 field = 0; field < 6; ++field) {
            IMeterRegistry.Meter memory m = meter();
            bytes32 id = field == 0 ? keccak256("another") : METER;
            if (field == 1) m.party = UTILITY;
            if (field == 2) m.zone = keccak256("another");
            if (field == 3) m.capacityW += 1;
            if (field == 4) m.validFrom += 1;
            if (field == 5) m.validTo -= 1;
            bytes32 digest = digestOf(address(meters), twin.hashMeter(id, m));
            vm.expectRevert(abi.encodeWithSelector(ISigned.InvalidSignature.selector, meterKey.signer, digest));
            install(id, m, signature);
        }
    }

    function test_When_TheMeterSigned() external {
        IMeterRegistry.Meter memory m = meter();
        bytes memory signature = signedMeter(METER, m);
        vm.expectEmit(address(meters));
        emit IMeterRegistry.MeterInstalled(METER, HOME, ZONE, m.signer, m.capacityW, m.validFrom, m.validTo);
        install(METER, m, signature);
        vm.assertEq(abi.encode(meters.meterOf(METER)), abi.encode(m), "every value is kept");
        vm.assertEq(meters.meterHash(METER), twin.hashMeter(METER, m), "one slot proves them all");
    }
}
