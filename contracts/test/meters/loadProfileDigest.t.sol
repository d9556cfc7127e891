// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Meters} from "../support/Meters.sol";
import {vm} from "../support/Vm.sol";

contract LoadProfileDigestTest is Meters {
    function _day() private pure returns (uint64[] memory importWh, uint64[] memory exportWh) {
        (importWh, exportWh) = (new uint64[](4), new uint64[](4));
        for (uint64 i = 0; i < 4; ++i) {
            (importWh[i], exportWh[i]) = (1000 + i, 500 * i);
        }
    }

    function _digest(bytes32 id, uint64 start, uint32 version, uint64[] memory importWh, uint64[] memory exportWh)
        private
        view
        returns (bytes32)
    {
        return meters.loadProfileDigest(id, start, 6 hours, version, importWh, exportWh);
    }

    function _expected(bytes32 id, uint64[] memory importWh, uint64[] memory exportWh) private view returns (bytes32) {
        return digestOf(address(meters), twin.hashLoadProfile(id, DAY, 6 hours, 1, importWh, exportWh));
    }

    function test_When_TheMeterWasNeverInstalled() external view {
        (uint64[] memory importWh, uint64[] memory exportWh) = _day();
        vm.assertEq(
            _digest(keccak256("none"), DAY, 1, importWh, exportWh), _expected(keccak256("none"), importWh, exportWh), "nothing is looked up"
        );
    }

    function test_When_TheEnergiesAreADayOfReadings() external view {
        (uint64[] memory importWh, uint64[] memory exportWh) = _day();
        vm.assertEq(_digest(METER, DAY, 1, importWh, exportWh), _expected(METER, importWh, exportWh), "EIP-712");
    }

    function test_When_ThereAreNoIntervals() external view {
        uint64[] memory none = new uint64[](0);
        vm.assertEq(_digest(METER, DAY, 1, none, none), _expected(METER, none, none), "empty lists");
    }

    function test_When_AnyValueIsAnother() external view {
        (uint64[] memory importWh, uint64[] memory exportWh) = _day();
        bytes32 signed = _digest(METER, DAY, 1, importWh, exportWh);
        vm.assertFalse(_digest(METER, DAY + 1 days, 1, importWh, exportWh) == signed, "another day");
        vm.assertFalse(_digest(METER, DAY, 2, importWh, exportWh) == signed, "another version");
        vm.assertFalse(_digest(METER, DAY, 1, exportWh, importWh) == signed, "import is not export");
        importWh[3] += 1;
        vm.assertFalse(_digest(METER, DAY, 1, importWh, exportWh) == signed, "another energy");
    }
}
