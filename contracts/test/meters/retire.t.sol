// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {Meters} from "../support/Meters.sol";
import {vm} from "../support/Vm.sol";

contract RetireTest is Meters {
    function setUp() public override {
        super.setUp();
        install(METER, meter(), signedMeter(METER, meter()));
    }

    function _retire(bytes32 id, uint64 validTo) private {
        vm.prank(registrar);
        meters.retire(id, validTo);
    }

    function _refuse(uint64 validTo, uint64 earliest, uint64 latest) private {
        vm.expectRevert(abi.encodeWithSelector(IMeterRegistry.WrongRetirement.selector, METER, validTo, earliest, latest));
        _retire(METER, validTo);
    }

    function test_RevertWhen_TheCallerIsNotTheRegistrar() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        meters.retire(METER, DAY + 1);
    }

    function test_RevertWhen_Paused() external {
        pause(meters);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        _retire(METER, DAY + 1);
    }

    function test_RevertWhen_ThereIsNoSuchMeter() external {
        bytes32 none = keccak256("none");
        vm.expectRevert(abi.encodeWithSelector(IMeterRegistry.UnknownMeter.selector, none));
        _retire(none, DAY + 1);
    }

    function test_RevertWhen_TheEndIsInThePast() external {
        vm.warp(DAY + 100);
        _refuse(DAY + 99, DAY + 100, FAR);
    }

    function test_RevertWhen_TheEndIsBeforeTheBeginning() external {
        _refuse(DAY - 1, DAY, FAR);
    }

    function test_RevertWhen_TheEndIsNotEarlierThanTheOneItHas() external {
        _retire(METER, DAY + 100);
        _refuse(DAY + 100, DAY, DAY + 100);
        _refuse(FAR, DAY, DAY + 100);
    }

    function test_When_TheEndIsNowOrLater() external {
        vm.warp(DAY + 100);
        vm.expectEmit(address(meters));
        emit IMeterRegistry.MeterRetired(METER, DAY + 100);
        _retire(METER, DAY + 100);
        IMeterRegistry.Meter memory m = meter();
        m.validTo = DAY + 100;
        vm.assertEq(abi.encode(meters.meterOf(METER)), abi.encode(m), "only the end changed");
        vm.assertEq(meters.meterHash(METER), twin.hashMeter(METER, m), "and the hash with it");
    }
}
