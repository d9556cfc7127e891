// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../../interfaces/IAgreementRegistry.sol";
import {IExchange} from "../../interfaces/IExchange.sol";
import {IMeterRegistry} from "../../interfaces/IMeterRegistry.sol";
import {IReadingAnchor} from "../../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../../interfaces/ISettlement.sol";
import {TypedData} from "../../libraries/TypedData.sol";
import {vm} from "../support/Vm.sol";
import {World} from "../support/World.sol";

/// @title Every hash derived a second time, member by member from docs/protocol.md, so that a slip in a type string or an order cannot hide.
contract TypedDataTest is World {
    function _words(bytes32[] memory words) private pure returns (bytes32) {
        bytes memory joined;
        for (uint256 i = 0; i < words.length; ++i) {
            joined = bytes.concat(joined, words[i]);
        }
        return keccak256(joined);
    }

    function _wide(uint64[] memory values) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            words[i] = bytes32(uint256(values[i]));
        }
        return _words(words);
    }

    function testFuzz_RegisterRotateRevoke(bytes32 party, bytes calldata a, bytes calldata b, uint256 nonce, uint64 deadline)
        external
        view
    {
        bytes32[] memory w = new bytes32[](5);
        w[0] = keccak256("RegisterParty(bytes32 party,bytes signer,uint256 nonce,uint64 deadline)");
        (w[1], w[2], w[3], w[4]) = (party, keccak256(a), bytes32(nonce), bytes32(uint256(deadline)));
        vm.assertEq(twin.hashRegisterParty(party, a, nonce, deadline), _words(w), "RegisterParty");
        w[0] = keccak256("RevokeSigner(bytes32 party,bytes signer,uint256 nonce,uint64 deadline)");
        vm.assertEq(twin.hashRevokeSigner(party, a, nonce, deadline), _words(w), "RevokeSigner");
        w = new bytes32[](6);
        w[0] = keccak256("RotateSigner(bytes32 party,bytes oldSigner,bytes newSigner,uint256 nonce,uint64 deadline)");
        (w[1], w[2], w[3], w[4], w[5]) = (party, keccak256(a), keccak256(b), bytes32(nonce), bytes32(uint256(deadline)));
        vm.assertEq(twin.hashRotateSigner(party, a, b, nonce, deadline), _words(w), "RotateSigner");
    }

    function testFuzz_Agreement(IAgreementRegistry.Agreement calldata a) external view {
        bytes32[] memory w = new bytes32[](11);
        w[0] = keccak256(
            "Agreement(bytes32 id,bytes32 kind,uint64 baseLength,bytes32 baseDigest,bytes32 termsRoot,bytes32[] parties,uint64 validFrom,uint64 validTo,bytes32 supersedes,uint64 deadline)"
        );
        (w[1], w[2], w[3], w[4], w[5]) = (a.id, a.kind, bytes32(uint256(a.baseLength)), a.baseDigest, a.termsRoot);
        (w[6], w[7], w[8]) = (_words(a.parties), bytes32(uint256(a.validFrom)), bytes32(uint256(a.validTo)));
        (w[9], w[10]) = (a.supersedes, bytes32(uint256(a.deadline)));
        vm.assertEq(twin.hashAgreement(a), _words(w), "Agreement");
    }

    function testFuzz_AttestedApproval(bytes32 agreementHash, bytes32 party, bytes32 evidence) external view {
        bytes32[] memory w = new bytes32[](4);
        w[0] = keccak256("AttestedApproval(bytes32 agreementHash,bytes32 party,bytes32 evidence)");
        (w[1], w[2], w[3]) = (agreementHash, party, evidence);
        vm.assertEq(twin.hashAttestedApproval(agreementHash, party, evidence), _words(w), "AttestedApproval");
    }

    function testFuzz_TerminationAndCancelOrder(bytes32 a, bytes32 b, uint64 effectiveAt, uint64 deadline) external view {
        bytes32[] memory w = new bytes32[](5);
        w[0] = keccak256("Termination(bytes32 id,bytes32 party,uint64 effectiveAt,uint64 deadline)");
        (w[1], w[2], w[3], w[4]) = (a, b, bytes32(uint256(effectiveAt)), bytes32(uint256(deadline)));
        vm.assertEq(twin.hashTermination(a, b, effectiveAt, deadline), _words(w), "Termination");
        w = new bytes32[](4);
        w[0] = keccak256("CancelOrder(bytes32 party,bytes32 orderDigest,uint64 deadline)");
        (w[1], w[2], w[3]) = (a, b, bytes32(uint256(deadline)));
        vm.assertEq(twin.hashCancelOrder(a, b, deadline), _words(w), "CancelOrder");
    }

    function testFuzz_Meter(bytes32 meter, IMeterRegistry.Meter calldata m) external view {
        bytes32[] memory w = new bytes32[](8);
        w[0] = keccak256("Meter(bytes32 meter,bytes32 party,bytes32 zone,bytes signer,uint64 capacityW,uint64 validFrom,uint64 validTo)");
        (w[1], w[2], w[3], w[4]) = (meter, m.party, m.zone, keccak256(m.signer));
        (w[5], w[6], w[7]) = (bytes32(uint256(m.capacityW)), bytes32(uint256(m.validFrom)), bytes32(uint256(m.validTo)));
        vm.assertEq(twin.hashMeter(meter, m), _words(w), "Meter");
    }

    function testFuzz_LoadProfile(
        bytes32 meter,
        uint64 start,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata inWh,
        uint64[] calldata outWh
    ) external view {
        bytes32[] memory w = new bytes32[](7);
        w[0] =
            keccak256("LoadProfile(bytes32 meter,uint64 periodStart,uint32 intervalS,uint32 version,uint64[] importWh,uint64[] exportWh)");
        (w[1], w[2], w[3], w[4]) = (meter, bytes32(uint256(start)), bytes32(uint256(intervalS)), bytes32(uint256(version)));
        (w[5], w[6]) = (_wide(inWh), _wide(outWh));
        vm.assertEq(twin.hashLoadProfile(meter, start, intervalS, version, inWh, outWh), _words(w), "LoadProfile");
        bytes32 digest = meters.loadProfileDigest(meter, start, intervalS, version, inWh, outWh);
        vm.assertEq(digest, digestOf(address(meters), _words(w)), "what a meter signs is under the MeterRegistry's domain");
    }

    function testFuzz_Readings(IReadingAnchor.Readings calldata r) external view {
        bytes32[] memory w = new bytes32[](7);
        w[0] = keccak256("Readings(bytes32 zone,uint64 periodStart,uint64 periodEnd,uint32 version,bytes32 root,uint32 count)");
        (w[1], w[2], w[3]) = (r.zone, bytes32(uint256(r.periodStart)), bytes32(uint256(r.periodEnd)));
        (w[4], w[5], w[6]) = (bytes32(uint256(r.version)), r.root, bytes32(uint256(r.count)));
        vm.assertEq(twin.hashReadings(r), _words(w), "Readings");
    }

    function testFuzz_Order(TypedData.Order calldata o) external view {
        bytes32[] memory steps = new bytes32[](o.steps.length);
        bytes32[] memory w = new bytes32[](3);
        w[0] = keccak256("Step(uint64 quantityWh,uint32 priceVndPerKwh)");
        for (uint256 i = 0; i < steps.length; ++i) {
            (w[1], w[2]) = (bytes32(uint256(o.steps[i].quantityWh)), bytes32(uint256(o.steps[i].priceVndPerKwh)));
            steps[i] = _words(w);
        }
        w = new bytes32[](9);
        w[0] = keccak256(
            "Order(bytes32 party,bytes32 meter,bytes32 zone,uint8 side,Step[] steps,uint64 validFrom,uint64 validTo,uint64 nonce)Step(uint64 quantityWh,uint32 priceVndPerKwh)"
        );
        (w[1], w[2], w[3], w[4], w[5]) = (o.party, o.meter, o.zone, bytes32(uint256(o.side)), _words(steps));
        (w[6], w[7], w[8]) = (bytes32(uint256(o.validFrom)), bytes32(uint256(o.validTo)), bytes32(uint256(o.nonce)));
        vm.assertEq(twin.hashOrder(o), _words(w), "Order");
    }

    function testFuzz_Clearing(IExchange.Clearing calldata c) external view {
        bytes32[] memory w = new bytes32[](18);
        w[0] = keccak256(
            "Clearing(bytes32 zone,uint64 start,uint64 end,bytes32 ordersRoot,uint32 readingsVersion,uint8 mechanism,uint32 priceVndPerKwh,uint32 publishedPriceVndPerKwh,uint32 retailPriceVndPerKwh,uint64 surplusWh,uint64 demandWh,uint64 tradedWh,uint64 toUtilityWh,uint64 fromUtilityWh,uint64 unpaidWh,bytes32 fillsRoot,uint32 fillsCount)"
        );
        (w[1], w[2], w[3], w[4]) = (c.zone, bytes32(uint256(c.start)), bytes32(uint256(c.end)), c.ordersRoot);
        (w[5], w[6], w[7]) = (bytes32(uint256(c.readingsVersion)), bytes32(uint256(c.mechanism)), bytes32(uint256(c.priceVndPerKwh)));
        (w[8], w[9]) = (bytes32(uint256(c.publishedPriceVndPerKwh)), bytes32(uint256(c.retailPriceVndPerKwh)));
        (w[10], w[11], w[12]) = (bytes32(uint256(c.surplusWh)), bytes32(uint256(c.demandWh)), bytes32(uint256(c.tradedWh)));
        (w[13], w[14], w[15]) = (bytes32(uint256(c.toUtilityWh)), bytes32(uint256(c.fromUtilityWh)), bytes32(uint256(c.unpaidWh)));
        (w[16], w[17]) = (c.fillsRoot, bytes32(uint256(c.fillsCount)));
        vm.assertEq(twin.hashClearing(c), _words(w), "Clearing");
    }

    function testFuzz_SettlementRun(ISettlement.SettlementRun calldata s) external view {
        bytes32[] memory w = new bytes32[](12);
        w[0] = keccak256(
            "SettlementRun(bytes32 zone,uint64 periodStart,uint64 periodEnd,uint32 run,uint32 readingsVersion,bytes32 positionsRoot,uint32 positionsCount,uint256 buyersPayMvnd,uint256 sellersGetMvnd,uint256 utilityPaysMvnd,uint256 utilityGetsMvnd)"
        );
        (w[1], w[2], w[3]) = (s.zone, bytes32(uint256(s.periodStart)), bytes32(uint256(s.periodEnd)));
        (w[4], w[5]) = (bytes32(uint256(s.run)), bytes32(uint256(s.readingsVersion)));
        (w[6], w[7], w[8]) = (s.positionsRoot, bytes32(uint256(s.positionsCount)), bytes32(s.buyersPayMvnd));
        (w[9], w[10], w[11]) = (bytes32(s.sellersGetMvnd), bytes32(s.utilityPaysMvnd), bytes32(s.utilityGetsMvnd));
        vm.assertEq(twin.hashSettlementRun(s), _words(w), "SettlementRun");
    }

    function testFuzz_TheDomainNamesSystemChainAndContract(uint256 chainId, address target, bytes32 hash) external view {
        bytes32[] memory w = new bytes32[](5);
        w[0] = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        (w[1], w[2], w[3], w[4]) = (keccak256("SoNang"), keccak256("1"), bytes32(chainId), bytes32(uint256(uint160(target))));
        vm.assertEq(twin.digest(chainId, target, hash), keccak256(bytes.concat(hex"1901", _words(w), hash)), "EIP-712 digest");
    }
}
