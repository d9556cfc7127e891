// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "./IExchange.sol";

/// @title What everybody owes everybody for one local day, in milli-đồng.
/// @notice A run holds the totals of the whole day at one version of its readings and the Merkle root of every party's position. A later run
/// replaces an earlier one after a correction; the difference is what is booked.
/// @dev The four totals are not taken on trust: they must equal what the Exchange has summed from the day's clearings, all of which must be
/// there and final. How the total is shared among the parties is bound by `positionsRoot` and checked off chain against the fills.
interface ISettlement {
    /// @notice One run.
    /// @param periodStart first second of the zone's local day.
    /// @param periodEnd one day later.
    /// @param run 1, then one more each time.
    /// @param positionsRoot root of the positions tree; 0 when there are none.
    /// @param buyersPayMvnd Σ tradedWh × price + fromUtilityWh × retail price.
    /// @param sellersGetMvnd Σ tradedWh × price + (toUtilityWh − unpaidWh) × published price.
    /// @param utilityPaysMvnd Σ (toUtilityWh − unpaidWh) × published price.
    /// @param utilityGetsMvnd Σ fromUtilityWh × retail price.
    struct SettlementRun {
        bytes32 zone;
        uint64 periodStart;
        uint64 periodEnd;
        uint32 run;
        uint32 readingsVersion;
        bytes32 positionsRoot;
        uint32 positionsCount;
        uint256 buyersPayMvnd;
        uint256 sellersGetMvnd;
        uint256 utilityPaysMvnd;
        uint256 utilityGetsMvnd;
    }

    /// @notice A day was settled.
    event PeriodSettled(
        bytes32 indexed zone, uint64 indexed periodStart, uint32 run, uint32 readingsVersion, bytes32 positionsRoot, bytes32 runHash
    );

    /// @notice No such zone on the Exchange.
    error UnknownZone(bytes32 zone);

    /// @notice A run covers exactly one day.
    error NotADay(uint64 periodStart, uint64 periodEnd);

    /// @notice Runs are numbered without gaps.
    error WrongRun(bytes32 zone, uint64 periodStart, uint32 given, uint32 expected);

    /// @notice A later run never goes back to older readings.
    error ReadingsVersionWentBack(bytes32 zone, uint64 periodStart, uint32 given, uint32 settled);

    /// @notice Not every unit of the day is cleared at this readings version.
    error DayNotCleared(bytes32 zone, uint64 periodStart, uint32 readingsVersion, uint32 cleared, uint32 units);

    /// @notice A clearing of the day can still be challenged.
    error DayNotFinal(bytes32 zone, uint64 periodStart, uint64 finalAt, uint256 timestamp);

    /// @notice A total is not what the clearings add up to. Order: buyers pay, sellers get, utility pays, utility gets.
    error MoneyNotConserved(uint256[4] given, uint256[4] cleared);

    /// @notice No positions have root 0, and some have another.
    error RootContradictsCount(bytes32 root, uint32 count);

    /// @notice Where the clearings are.
    function exchange() external view returns (IExchange);

    /// @notice Settles a day once every unit of it is cleared and final. Role: OPERATOR.
    function settle(SettlementRun calldata s) external;

    /// @notice hashStruct(SettlementRun) of a run; 0 when there is none.
    function runHash(bytes32 zone, uint64 periodStart, uint32 run) external view returns (bytes32);

    /// @notice The number of the last run; 0 when there is none.
    function lastRun(bytes32 zone, uint64 periodStart) external view returns (uint32);
}
