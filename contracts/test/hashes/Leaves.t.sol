// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaves} from "../../libraries/Leaves.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// @title Leaves derived a second time from their members.
contract LeavesTest is World {
    function _twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(encoded)));
    }

    function testFuzz_Reading(Leaves.Reading calldata l) external view {
        bytes memory encoded = abi.encode(l.zone, l.meter, l.start, l.version, l.importWh, l.exportWh, l.quality, l.salt);
        vm.assertEq(twin.readingLeaf(l), _twice(encoded), "reading");
    }

    function testFuzz_Order(Leaves.Order calldata l) external view {
        vm.assertEq(twin.orderLeaf(l), _twice(abi.encode(l.zone, l.index, l.party, l.orderDigest)), "order");
    }

    function testFuzz_Fill(Leaves.Fill calldata l) external view {
        bytes memory first = abi.encode(l.zone, l.start, l.index, l.party, l.meter, l.orderDigest);
        bytes memory rest = abi.encode(l.side, l.quantityWh, l.priceVndPerKwh, l.salt);
        vm.assertEq(twin.fillLeaf(l), _twice(bytes.concat(first, rest)), "fill");
    }

    function testFuzz_Position(Leaves.Position calldata l) external view {
        bytes memory first = abi.encode(l.zone, l.periodStart, l.run, l.party);
        vm.assertEq(twin.positionLeaf(l), _twice(bytes.concat(first, abi.encode(l.soldWh, l.boughtWh, l.netMvnd, l.salt))), "position");
    }

    function testFuzz_Term(Leaves.Term calldata l) external view {
        vm.assertEq(twin.termLeaf(l), _twice(abi.encode(l.agreement, l.path, l.value, l.salt)), "term");
    }

    function testFuzz_ALeafOfTwoIsProvenByItsNeighbour(bytes32 a, bytes32 b, bytes32 other) external view {
        bytes32 root = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = b;
        vm.assertTrue(twin.isInTree(root, a, proof), "a is in the tree");
        vm.assume(other != a);
        vm.assertFalse(twin.isInTree(root, other, proof), "another leaf is not");
    }
}
