// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Key, Keys} from "./Keys.sol";
import {World} from "./World.sol";

/// @title Oracles that sign two different statements.
abstract contract Lies is World {
    using Keys for Key;

    function signReadings(uint256 oracle, IReadingAnchor.Readings memory r) internal view returns (bytes memory) {
        return oracles[oracle].sign(digestOf(address(anchor), twin.hashReadings(r)));
    }

    function report(uint256 oracle, IReadingAnchor.Readings memory a, IReadingAnchor.Readings memory b) internal {
        anchor.reportEquivocation(oracles[oracle].signer, a, signReadings(oracle, a), b, signReadings(oracle, b));
    }

    function expel(uint256 oracle) internal {
        report(oracle, readings(DAY, 1, keccak256("one"), 1), readings(DAY, 1, keccak256("two"), 1));
    }
}
