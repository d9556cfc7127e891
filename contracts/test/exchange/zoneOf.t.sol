// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {Market} from "../support/Market.sol";
import {vm} from "../support/Vm.sol";

contract ZoneOfTest is Market {
    function test_When_ItIsUnknown() external view {
        IExchange.Zone memory none;
        vm.assertEq(abi.encode(exchange.zoneOf(keccak256("another"))), abi.encode(none), "all zeros");
    }

    function test_When_ItIsConfigured() external view {
        vm.assertEq(abi.encode(exchange.zoneOf(ZONE)), abi.encode(zone()), "every value");
    }

    function test_When_ItWasConfiguredAnew() external {
        IExchange.Zone memory z = zone();
        (z.gateLeadS, z.challengeWindowS, z.mechanism) = (LEAD + 1, WINDOW + 1, 1);
        configure(z);
        vm.assertEq(abi.encode(exchange.zoneOf(ZONE)), abi.encode(z), "every new value");
    }
}
