// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {Key, Keys} from "./Keys.sol";
import {vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @title A meter with a P-256 key, and how it is installed.
abstract contract Meters is World {
    using Keys for Key;

    bytes32 internal constant METER = keccak256("a meter");

    Key internal meterKey;

    function setUp() public virtual override {
        super.setUp();
        meterKey = Keys.p256(p256, 0x3e7e);
    }

    function meter() internal view returns (IMeterRegistry.Meter memory) {
        return IMeterRegistry.Meter(HOME, ZONE, meterKey.signer, 5000, DAY, FAR);
    }

    function signedMeter(bytes32 id, IMeterRegistry.Meter memory m) internal view returns (bytes memory) {
        return meterKey.sign(digestOf(address(meters), twin.hashMeter(id, m)));
    }

    function install(bytes32 id, IMeterRegistry.Meter memory m, bytes memory signature) internal {
        vm.prank(registrar);
        meters.install(id, m, signature);
    }
}
