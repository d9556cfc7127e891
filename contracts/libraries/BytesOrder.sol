// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The dictionary order of byte strings: what every language's sort of bytes does.
library BytesOrder {
    /// @notice Whether `a` comes strictly before `b`: by the first byte that differs, else the shorter one.
    function isBelow(bytes calldata a, bytes calldata b) internal pure returns (bool) {
        uint256 shared = a.length < b.length ? a.length : b.length;
        for (uint256 i = 0; i < shared; i += 32) {
            (bytes32 x, bytes32 y) = (bytes32(a[i:]), bytes32(b[i:]));
            if (x != y) return x < y;
        }
        return a.length < b.length;
    }
}
