// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../interfaces/IExchange.sol";

/// @title The arithmetic of a clearing: what must add up, and what it means in milli-đồng.
/// @dev Wh × đ/kWh is exactly milli-đồng, so nothing is ever rounded. One product is below 2^96 and a day has at most 1,440 units, so the sums of
/// a day stay below 2^107.
library ClearingMath {
    uint8 internal constant SINGLE_BUYER = 1;
    uint8 internal constant UNIFORM_PRICE = 2;

    /// @notice Reverts unless every watt-hour of the unit is accounted for.
    function requireConserved(IExchange.Clearing calldata c) internal pure {
        if (c.surplusWh != uint256(c.tradedWh) + c.toUtilityWh) {
            revert IExchange.SurplusNotConserved(c.surplusWh, c.tradedWh, c.toUtilityWh);
        }
        if (c.demandWh != uint256(c.tradedWh) + c.fromUtilityWh) {
            revert IExchange.DemandNotConserved(c.demandWh, c.tradedWh, c.fromUtilityWh);
        }
        if (c.unpaidWh > c.toUtilityWh) revert IExchange.MoreUnpaidThanDelivered(c.unpaidWh, c.toUtilityWh);
        if (c.mechanism == SINGLE_BUYER && c.tradedWh != 0) revert IExchange.TradedWithSingleBuyer(c.tradedWh);
    }

    /// @notice Adds the unit to the sums of its day.
    function add(IExchange.Day memory day, IExchange.Clearing calldata c, uint64 finalAt) internal pure {
        (uint112 traded, uint112 utilityPays, uint112 utilityGets) = money(c);
        if (finalAt > day.finalAt) day.finalAt = finalAt;
        ++day.units;
        day.tradedMvnd += traded;
        day.utilityPaysMvnd += utilityPays;
        day.utilityGetsMvnd += utilityGets;
    }

    /// @notice Takes the unit out of the sums of its day; the day does not become final earlier for it.
    function subtract(IExchange.Day memory day, IExchange.Clearing calldata c) internal pure {
        (uint112 traded, uint112 utilityPays, uint112 utilityGets) = money(c);
        --day.units;
        day.tradedMvnd -= traded;
        day.utilityPaysMvnd -= utilityPays;
        day.utilityGetsMvnd -= utilityGets;
    }

    /// @notice What homes pay homes, what the utility pays and what it gets for the unit, in milli-đồng.
    function money(IExchange.Clearing calldata c) internal pure returns (uint112 traded, uint112 utilityPays, uint112 utilityGets) {
        traded = uint112(c.tradedWh) * c.priceVndPerKwh;
        utilityPays = uint112(c.toUtilityWh - c.unpaidWh) * c.publishedPriceVndPerKwh;
        utilityGets = uint112(c.fromUtilityWh) * c.retailPriceVndPerKwh;
    }

    /// @notice The four totals of a settlement that these sums allow: buyers pay, sellers get, utility pays, utility gets.
    /// @dev Buyers and the utility pay what sellers and the utility get: traded + gets + pays = traded + pays + gets.
    function totals(IExchange.Day memory day) internal pure returns (uint256[4] memory) {
        uint256 traded = day.tradedMvnd;
        return [traded + day.utilityGetsMvnd, traded + day.utilityPaysMvnd, day.utilityPaysMvnd, day.utilityGetsMvnd];
    }
}
