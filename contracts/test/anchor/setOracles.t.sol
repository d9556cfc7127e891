// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Keys} from "../support/Keys.sol";
import {Lies} from "../support/Lies.sol";
import {vm} from "../support/Vm.sol";

contract SetOraclesTest is Lies {
    function _named(uint256 count) private pure returns (bytes[] memory list) {
        list = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = Keys.eoa(0x900d + i).signer;
        }
    }

    function _set(bytes[] memory list, uint8 f) private {
        vm.prank(oracleAdmin);
        anchor.setOracles(list, f);
    }

    function test_RevertWhen_TheCallerIsNotTheOracleAdmin() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, operator));
        vm.prank(operator);
        anchor.setOracles(_named(4), 1);
    }

    function test_RevertWhen_AThirdOrMoreMayBeFaulty() external {
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.TooFewOracles.selector, 3, uint8(1)));
        _set(_named(3), 1);
    }

    function test_RevertWhen_ThereAreNone() external {
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.TooFewOracles.selector, 0, uint8(0)));
        _set(_named(0), 0);
    }

    function test_RevertWhen_OneIsNamedTwice() external {
        bytes[] memory list = _named(4);
        list[3] = list[1];
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, list[3], IReadingAnchor.Standing.Oracle));
        _set(list, 1);
    }

    function test_RevertWhen_OneWasExpelled() external {
        expel(2);
        bytes[] memory list = _named(4);
        list[0] = oracles[2].signer;
        vm.expectRevert(abi.encodeWithSelector(IReadingAnchor.NotAnOracle.selector, list[0], IReadingAnchor.Standing.Expelled));
        _set(list, 1);
    }

    function test_When_FewerThanAThirdMayBeFaulty() external {
        bytes[] memory list = _named(7);
        list[6] = oracles[0].signer;
        pause(anchor);
        vm.expectEmit(address(anchor));
        emit IReadingAnchor.OraclesChanged(list, 2);
        _set(list, 2);
        vm.assertEq(abi.encode(anchor.oracles()), abi.encode(list), "these are the oracles");
        vm.assertEq(anchor.maxFaulty(), 2, "of which two may be faulty");
        vm.assertTrue(anchor.isOracle(list[0]) && anchor.isOracle(oracles[0].signer), "the named ones are oracles");
        vm.assertFalse(anchor.isOracle(oracles[1].signer), "the others are not");
    }
}
