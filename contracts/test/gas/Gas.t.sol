// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {IExchange} from "../../interfaces/IExchange.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {Key, Keys} from "../support/Keys.sol";
import {Market} from "../support/Market.sol";
import {Meters} from "../support/Meters.sol";
import {Papers} from "../support/Papers.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// @title What transactions cost, intrinsic gas and calldata included: every call is a transaction of its own here.
/// @dev The figures go to snapshots/, which is kept in git; scripts/forge.sh fails when one grows.
/// forge-config: default.isolate = true
contract GasTest is World, Papers, Market, Meters {
    using Keys for Key;

    function setUp() public override(World, Market, Meters) {
        World.setUp();
        configure(zone());
        meterKey = Keys.p256(p256, 0x3e7e);
    }

    function _note(string memory name, uint256 of_) private returns (uint256 each) {
        each = vm.lastCallGas().gasTotalUsed / of_;
        vm.snapshotValue("gas", name, each);
    }

    function _anchor(uint256 count) private {
        vm.warp(DAY + 1 days);
        IReadingAnchor.Statement[] memory list = new IReadingAnchor.Statement[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = statement(readings(DAY - uint64(i) * 1 days, 1, keccak256(abi.encode("readings", i)), 1920), 0, 2);
        }
        anchor.anchor(list);
    }

    function test_OneRootInABatchOfFiftyCostsAtMostFiftyThousand() external {
        _anchor(50);
        vm.assertLe(_note("anchor: a root, 50 in a transaction", 50), 50_000, "gas of an anchored root");
    }

    function test_OneRootAlone() external {
        _anchor(1);
        _note("anchor: a root alone", 1);
    }

    function test_RegisteringAParty() external {
        register(keccak256("a newcomer"), Keys.eoa(0xbeef));
        _note("register: a wallet", 1);
    }

    function test_RegisteringAP256Key() external {
        register(keccak256("a newcomer"), Keys.p256(p256, 0xbeef));
        _note("register: a P-256 key", 1);
    }

    function test_RegisteringACertificate() external {
        register(keccak256("a newcomer"), Keys.rsa(rsa));
        _note("register: an RSA-2048 certificate", 1);
    }

    function test_InstallingAMeter() external {
        install(METER, meter(), signedMeter(METER, meter()));
        _note("install: a meter", 1);
    }

    function test_RecordingAnAgreement() external {
        record(draft(ID, 0));
        _note("record: an agreement of two", 1);
    }

    function test_RecordingAnAttestedAgreement() external {
        recordAttested(draftKeyless(ID, 0));
        _note("recordAttested: an agreement of two", 1);
    }

    function test_SupersedingAnAgreement() external {
        record(draft(ID, 0));
        record(draft(keccak256("second"), ID));
        record(draft(keccak256("third"), keccak256("second")));
        _note("record: a third version", 1);
    }

    function test_AnchoringTheLogOfDocuments() external {
        vm.prank(recorder);
        documents.anchor(1000, keccak256("a root"));
        vm.prank(recorder);
        documents.anchor(2000, keccak256("a later root"));
        _note("anchor: the log of documents", 1);
    }

    function test_CommittingOrders() external {
        commit(DAY);
        _note("commitOrders: a unit", 1);
    }

    function test_ClearingADayOfHalfHours() external {
        bytes32 half = keccak256("half hours");
        IExchange.Zone memory z = zone();
        (z.intervalS, z.gateLeadS) = (30 minutes, 0);
        vm.prank(operator);
        exchange.configureZone(half, z);
        IExchange.Clearing[] memory list = new IExchange.Clearing[](48);
        for (uint64 i = 0; i < 48; ++i) {
            list[i] = clearing(DAY + i * 30 minutes, 1);
            (list[i].zone, list[i].end) = (half, list[i].start + 30 minutes);
            vm.prank(operator);
            exchange.commitOrders(half, list[i].start, ORDERS, 3);
        }
        vm.warp(DAY + 1 days);
        IReadingAnchor.Readings memory r = readings(DAY, 1, READINGS_ROOT, 48);
        r.zone = half;
        anchorOne(statement(r, 0, 2));
        post(r, list);
        _note("postClearings: a unit, 48 in a transaction", 48);
    }

    function test_SettlingADay() external {
        post(deliver(), day(1));
        vm.warp(block.timestamp + WINDOW);
        settle(run(1, 1));
        _note("settle: a day", 1);
    }
}
