// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {Papers} from "../support/Papers.sol";
import {bound, vm} from "../support/Vm.sol";

contract VersionAtTest is Papers {
    IAgreementRegistry.Agreement[] private _versions;

    function _version(uint256 number, uint64 from, uint64 to) private returns (bytes32) {
        bytes32 before = _versions.length == 0 ? bytes32(0) : _versions[_versions.length - 1].id;
        IAgreementRegistry.Agreement memory a = draft(keccak256(abi.encode("version", number)), before);
        (a.validFrom, a.validTo, a.deadline) = (from, to, FAR);
        record(a);
        _versions.push(a);
        return a.id;
    }

    /// @dev The obvious answer: ask them all. Of one family never two are in force.
    function _naive(uint64 time) private view returns (bytes32 found) {
        for (uint256 i = 0; i < _versions.length; ++i) {
            if (!agreements.inForce(_versions[i].id, time)) continue;
            vm.assertTrue(found == 0, "two versions at once");
            found = _versions[i].id;
        }
    }

    function test_When_ThereIsNoSuchAgreement() external view {
        vm.assertEq(agreements.versionAt(keccak256("none"), DAY), bytes32(0), "none");
    }

    function test_When_TheAgreementStandsAlone() external {
        bytes32 id = _version(0, DAY, DAY + 10 days);
        vm.assertEq(agreements.versionAt(id, DAY - 1), bytes32(0), "not before");
        vm.assertEq(agreements.versionAt(id, DAY), id, "from its first second");
        vm.assertEq(agreements.versionAt(id, DAY + 10 days - 1), id, "to its last");
        vm.assertEq(agreements.versionAt(id, DAY + 10 days), bytes32(0), "and no longer");
    }

    function test_When_VersionsSupersededEachOther() external {
        for (uint64 i = 0; i < 5; ++i) {
            _version(i, DAY + i * 10 days, DAY + 365 days);
        }
        for (uint256 asked = 0; asked < 5; ++asked) {
            for (uint64 i = 0; i < 5; ++i) {
                vm.assertEq(
                    agreements.versionAt(_versions[asked].id, DAY + i * 10 days + 9 days), _versions[i].id, "the one that had begun"
                );
            }
        }
    }

    function test_When_AVersionBeginsInTheVerySecondOfTheOneItReplaces() external {
        bytes32 first = _version(0, DAY, DAY + 365 days);
        bytes32 second = _version(1, DAY, DAY + 365 days);
        bytes32 third = _version(2, DAY, DAY + 5 days);
        vm.assertEq(agreements.versionAt(first, DAY), third, "the last word counts");
        vm.assertEq(agreements.versionAt(second, DAY + 5 days), bytes32(0), "a replaced one does not come back");
    }

    function test_When_TheLastVersionWasTerminated() external {
        bytes32 first = _version(0, DAY, DAY + 365 days);
        bytes32 second = _version(1, DAY + 10 days, DAY + 365 days);
        terminate(_versions[1], DAY + 20 days);
        vm.assertEq(agreements.versionAt(first, DAY + 20 days - 1), second, "until then");
        vm.assertEq(agreements.versionAt(first, DAY + 20 days), bytes32(0), "none from then on");
        vm.assertEq(agreements.versionAt(second, DAY + 9 days), first, "the past stays");
    }

    function test_When_AVersionWasRevokedBeforeItBegan() external {
        bytes32 first = _version(0, DAY, DAY + 365 days);
        bytes32 second = _version(1, DAY + 10 days, DAY + 365 days);
        vm.warp(DAY + 5 days);
        vm.prank(guardian);
        agreements.revoke(second, keccak256("fraud"));
        vm.assertEq(agreements.versionAt(second, DAY + 10 days - 1), first, "the first until the second would have begun");
        vm.assertEq(agreements.versionAt(second, DAY + 10 days), bytes32(0), "then none");
    }

    function test_When_AnotherFamilyIsRecorded() external {
        bytes32 first = _version(0, DAY, DAY + 365 days);
        delete _versions;
        bytes32 other = _version(7, DAY, DAY + 365 days);
        bytes32 later = _version(8, DAY + 10 days, DAY + 365 days);
        vm.assertEq(agreements.versionAt(first, DAY + 20 days), first, "one family");
        vm.assertEq(agreements.versionAt(other, DAY + 20 days), later, "the other");
    }

    function testFuzz_ItIsWhatAskingEveryVersionFinds(uint256 seed, uint8 count, uint256[4] calldata times) external {
        uint64 from = DAY;
        for (uint256 i = 0; i <= bound(count, 0, 12); ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            from += uint64(seed % 4 == 0 ? 0 : bound(seed >> 8, 0, 20 days));
            if (block.timestamp > from) from = uint64(block.timestamp);
            _version(i, from, from + uint64(bound(seed >> 72, 1, 40 days)));
            if (seed % 5 == 0) vm.warp(block.timestamp + bound(seed >> 136, 0, 15 days));
        }
        uint256 last = _versions.length - 1;
        if (seed % 3 == 0) terminate(_versions[last], uint64(bound(seed >> 16, 0, from + 50 days)));
        if (seed % 7 < 3) {
            vm.prank(guardian);
            agreements.revoke(_versions[(seed >> 24) % _versions.length].id, keccak256("fraud"));
        }
        for (uint256 i = 0; i < times.length; ++i) {
            uint64 time = uint64(bound(times[i], DAY - 1 days, uint256(from) + 60 days));
            vm.assertEq(agreements.versionAt(_versions[times[i] % (last + 1)].id, time), _naive(time), "as the naive loop");
            uint64 edge = _versions[(times[i] >> 64) % (last + 1)].validFrom;
            vm.assertEq(agreements.versionAt(_versions[last].id, edge), _naive(edge), "also in first seconds");
            vm.assertEq(agreements.versionAt(_versions[0].id, edge - 1), _naive(edge - 1), "and just before");
        }
    }
}
