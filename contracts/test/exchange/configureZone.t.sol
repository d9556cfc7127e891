// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IExchange} from "../../interfaces/IExchange.sol";
import {ISigned} from "../../interfaces/ISigned.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract ConfigureZoneTest is Market {
    bytes32 private constant NEW = keccak256("a new zone");

    function _refuse(IExchange.Zone memory z) private {
        vm.expectRevert(abi.encodeWithSelector(IExchange.WrongZone.selector, NEW, z));
        vm.prank(operator);
        exchange.configureZone(NEW, z);
    }

    function test_RevertWhen_TheCallerIsNotTheOperator() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        vm.prank(guardian);
        exchange.configureZone(NEW, zone());
    }

    function test_RevertWhen_Paused() external {
        pause(exchange);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        configure(zone());
    }

    function test_RevertWhen_TheZoneIsZero() external {
        vm.expectRevert(ISigned.ZeroId.selector);
        vm.prank(operator);
        exchange.configureZone(0, zone());
    }

    function test_RevertWhen_UnitsDoNotTileADay() external {
        IExchange.Zone memory z = zone();
        z.intervalS = 7 hours;
        _refuse(z);
        z.intervalS = 30;
        _refuse(z);
        z.intervalS = 0;
        _refuse(z);
        z.intervalS = 2 days;
        _refuse(z);
    }

    function test_RevertWhen_TheOffsetIsADayOrMore() external {
        IExchange.Zone memory z = zone();
        z.utcOffsetS = 1 days;
        _refuse(z);
        z.utcOffsetS = -1 days;
        _refuse(z);
    }

    function test_RevertWhen_TheMechanismIsUnknown() external {
        IExchange.Zone memory z = zone();
        z.mechanism = 0;
        _refuse(z);
        z.mechanism = 3;
        _refuse(z);
    }

    function test_RevertWhen_AKnownZoneGetsAnotherIntervalOrOffset() external {
        IExchange.Zone memory z = zone();
        z.intervalS = 1 hours;
        vm.expectRevert(abi.encodeWithSelector(IExchange.ZoneShapeFixed.selector, ZONE, UNIT, int32(7 hours)));
        configure(z);
        z = zone();
        z.utcOffsetS = 8 hours;
        vm.expectRevert(abi.encodeWithSelector(IExchange.ZoneShapeFixed.selector, ZONE, UNIT, int32(7 hours)));
        configure(z);
    }

    function test_When_AKnownZoneGetsOtherRules() external {
        IExchange.Zone memory z = zone();
        (z.gateLeadS, z.challengeWindowS, z.mechanism) = (2 hours, 3 hours, 1);
        vm.expectEmit(address(exchange));
        emit IExchange.ZoneConfigured(ZONE, UNIT, 7 hours, 2 hours, 3 hours, 1);
        configure(z);
        vm.assertEq(abi.encode(exchange.zoneOf(ZONE)), abi.encode(z), "the new rules");
    }
}
