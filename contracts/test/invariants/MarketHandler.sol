// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {Market} from "../support/Market.sol";
import {bound, vm} from "../support/Vm.sol";

/// @title An operator, four oracles and a guardian who do whatever they may, in any order, and an operator who tries what he may not.
/// @dev Keeps its own books, from which the invariants are judged.
contract MarketHandler is Market {
    uint256 public constant DAYS = 3;
    uint32 public constant VERSIONS = 2;

    struct Sums {
        uint256 units;
        uint256 traded;
        uint256 utilityPays;
        uint256 utilityGets;
        uint256 surplusWh;
        uint256 tradedWh;
        uint256 toUtilityWh;
    }

    mapping(uint256 day => uint32) public versions;
    mapping(uint64 start => mapping(uint32 version => IExchange.Clearing)) private _clearings;
    mapping(uint64 start => mapping(uint32 version => bool)) public stands;
    mapping(uint64 start => mapping(uint32 version => bytes32)) public finalHash;
    mapping(bytes32 run => ISettlement.SettlementRun) private _runs;
    uint256 public frauds; // attempts of the operator that succeeded
    uint256 public settlements;

    constructor() {
        setUp();
        commitDay(0);
        commitDay(1);
    }

    // --- what they may do

    function wait(uint256 seed) public {
        vm.warp(block.timestamp + bound(seed, 0, WINDOW));
        _noteFinality();
    }

    function passHalfADay() external {
        vm.warp(block.timestamp + 12 hours);
        _noteFinality();
    }

    function commitDay(uint256 seed) public {
        uint64 first = DAY + uint64(bound(seed, 0, DAYS - 1)) * 1 days;
        for (uint64 start = first; start < first + 1 days; start += UNIT) {
            (,, uint64 committedAt) = exchange.commitmentOf(ZONE, start);
            if (committedAt == 0 && block.timestamp + LEAD <= start) commit(start);
        }
    }

    function anchorDay(uint256 seed) external {
        uint256 d = bound(seed, 0, DAYS - 1);
        if (block.timestamp < _start(d) + 1 days || versions[d] == VERSIONS) return;
        IReadingAnchor.Readings memory r = readings(_start(d), ++versions[d], READINGS_ROOT, 48);
        anchorOne(statement(r, seed % 3, 2));
    }

    function clearDay(uint256 seed, uint8 units, uint64[4] calldata wh, uint16[3] calldata prices) external {
        (uint256 d, uint32 version) = (bound(seed, 0, DAYS - 1), uint32(bound(seed >> 8, 1, VERSIONS)));
        if (versions[d] < version) return;
        if (units % 4 != 0) units = 15; // mostly whole days, or none would ever be settled
        for (uint64 i = 0; i < 4; ++i) {
            uint64 start = _start(d) + i * UNIT;
            (,, uint64 committedAt) = exchange.commitmentOf(ZONE, start);
            if (committedAt == 0 || stands[start][version] || (units >> i) & 1 == 0) continue;
            IExchange.Clearing memory c = _made(start, version, wh, prices);
            post(readings(_start(d), version, READINGS_ROOT, 48), just(c));
            (_clearings[start][version], stands[start][version]) = (c, true);
        }
    }

    function voidUnit(uint256 seed) external {
        (uint64 start, uint32 version) = _unit(seed);
        if (!stands[start][version] || exchange.isFinal(ZONE, start, version)) return;
        voidIt(_clearings[start][version]);
        stands[start][version] = false;
    }

    function settleDay(uint256 seed) external {
        (uint256 d, uint32 version) = (bound(seed, 0, DAYS - 1), uint32(bound(seed >> 8, 1, VERSIONS)));
        if (!_ready(d, version)) return;
        ISettlement.SettlementRun memory s = _run(d, version);
        settle(s);
        _runs[_key(d, s.run)] = s;
        ++settlements;
    }

    // --- what the operator may not do

    function settleFalsely(uint256 seed, uint256 off, uint8 which) external {
        (uint256 d, uint32 version) = (bound(seed, 0, DAYS - 1), uint32(bound(seed >> 8, 1, VERSIONS)));
        ISettlement.SettlementRun memory s = _run(d, version);
        off = bound(off, 1, 1e9);
        if (which % 5 == 0) s.buyersPayMvnd += off;
        if (which % 5 == 1) s.sellersGetMvnd += off;
        if (which % 5 == 2) s.utilityPaysMvnd += off;
        if (which % 5 == 3) (s.utilityGetsMvnd, s.buyersPayMvnd) = (s.utilityGetsMvnd + off, s.buyersPayMvnd + off);
        if (which % 5 == 4 && _ready(d, version)) return;
        vm.prank(operator);
        try settlement.settle(s) {
            ++frauds;
        } catch {}
    }

    function clearAgain(uint256 seed) external {
        (uint64 start, uint32 version) = _unit(seed);
        if (!stands[start][version]) return;
        IExchange.Clearing memory c = _clearings[start][version];
        c.priceVndPerKwh += 1;
        uint64 dayStart = start - (start - DAY) % 1 days;
        vm.prank(operator);
        try exchange.postClearings(readings(dayStart, version, READINGS_ROOT, 48), just(c)) {
            ++frauds;
        } catch {}
    }

    function commitLate(uint256 seed) external {
        (uint64 start,) = _unit(seed);
        if (block.timestamp + LEAD <= start) return;
        vm.prank(operator);
        try exchange.commitOrders(ZONE, start, keccak256("hindsight"), 1) {
            ++frauds;
        } catch {}
    }

    // --- books

    function sumsOf(uint256 d, uint32 version) public view returns (Sums memory s) {
        for (uint64 i = 0; i < 4; ++i) {
            uint64 start = _start(d) + i * UNIT;
            if (!stands[start][version]) continue;
            IExchange.Clearing memory c = _clearings[start][version];
            ++s.units;
            s.traded += uint256(c.tradedWh) * c.priceVndPerKwh;
            s.utilityPays += (uint256(c.toUtilityWh) - c.unpaidWh) * c.publishedPriceVndPerKwh;
            s.utilityGets += uint256(c.fromUtilityWh) * c.retailPriceVndPerKwh;
            s.surplusWh += c.surplusWh;
            s.tradedWh += c.tradedWh;
            s.toUtilityWh += c.toUtilityWh;
        }
    }

    function dayStart(uint256 d) external pure returns (uint64) {
        return _start(d);
    }

    function unitStart(uint256 i) external pure returns (uint64) {
        return DAY + uint64(i) * UNIT;
    }

    function runOf(uint256 d, uint32 number) external view returns (ISettlement.SettlementRun memory) {
        return _runs[_key(d, number)];
    }

    function market() external view returns (IExchange, ISettlement, IReadingAnchor, bytes32) {
        return (exchange, settlement, anchor, ZONE);
    }

    function _noteFinality() private {
        for (uint256 i = 0; i < DAYS * 4; ++i) {
            for (uint32 version = 1; version <= VERSIONS; ++version) {
                uint64 start = DAY + uint64(i) * UNIT;
                if (finalHash[start][version] == 0 && exchange.isFinal(ZONE, start, version)) {
                    (finalHash[start][version],,) = exchange.clearingOf(ZONE, start, version);
                }
            }
        }
    }

    function _ready(uint256 d, uint32 version) private view returns (bool) {
        for (uint64 i = 0; i < 4; ++i) {
            if (!exchange.isFinal(ZONE, _start(d) + i * UNIT, version)) return false;
        }
        uint32 last = settlement.lastRun(ZONE, _start(d));
        return last == 0 || _runs[_key(d, last)].readingsVersion <= version;
    }

    function _run(uint256 d, uint32 version) private view returns (ISettlement.SettlementRun memory s) {
        Sums memory sums = sumsOf(d, version);
        s = run(settlement.lastRun(ZONE, _start(d)) + 1, version);
        (s.periodStart, s.periodEnd) = (_start(d), _start(d) + 1 days);
        (s.buyersPayMvnd, s.sellersGetMvnd) = (sums.traded + sums.utilityGets, sums.traded + sums.utilityPays);
        (s.utilityPaysMvnd, s.utilityGetsMvnd) = (sums.utilityPays, sums.utilityGets);
    }

    function _made(uint64 start, uint32 version, uint64[4] calldata wh, uint16[3] calldata prices)
        private
        pure
        returns (IExchange.Clearing memory c)
    {
        c = clearing(start, version);
        (c.tradedWh, c.toUtilityWh, c.fromUtilityWh) = (wh[0] / 4, wh[1] / 4, wh[2] / 4);
        c.unpaidWh = uint64(bound(wh[3], 0, c.toUtilityWh));
        (c.surplusWh, c.demandWh) = (c.tradedWh + c.toUtilityWh, c.tradedWh + c.fromUtilityWh);
        (c.priceVndPerKwh, c.publishedPriceVndPerKwh, c.retailPriceVndPerKwh) = (prices[0], prices[1], prices[2]);
    }

    function _unit(uint256 seed) private pure returns (uint64 start, uint32 version) {
        return (DAY + uint64(bound(seed, 0, DAYS * 4 - 1)) * UNIT, uint32(bound(seed >> 8, 1, VERSIONS)));
    }

    function _start(uint256 d) private pure returns (uint64) {
        return DAY + uint64(d) * 1 days;
    }

    function _key(uint256 d, uint32 number) private pure returns (bytes32) {
        return keccak256(abi.encode(d, number));
    }
}
