// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BytesOrder} from "../../libraries/BytesOrder.sol";
import {vm} from "../support/Vm.sol";

contract BytesOrderTest {
    function _slow(bytes calldata a, bytes calldata b) private pure returns (bool) {
        for (uint256 i = 0; i < a.length && i < b.length; ++i) {
            if (a[i] != b[i]) return uint8(a[i]) < uint8(b[i]);
        }
        return a.length < b.length;
    }

    function testFuzz_ItIsTheDictionaryOrder(bytes calldata a, bytes calldata b) external pure {
        vm.assertTrue(BytesOrder.isBelow(a, b) == _slow(a, b), "as a byte by byte comparison says");
    }

    function testFuzz_ALongSharedBeginningDoesNotHideADifference(bytes calldata start, bytes calldata a, bytes calldata b) external view {
        bytes memory x = bytes.concat(start, start, a);
        bytes memory y = bytes.concat(start, start, b);
        vm.assertTrue(this.below(x, y) == this.below(a, b), "what comes before the difference does not matter");
        vm.assertFalse(this.below(x, x), "nothing comes before itself");
    }

    function below(bytes calldata a, bytes calldata b) external pure returns (bool) {
        return BytesOrder.isBelow(a, b);
    }
}
