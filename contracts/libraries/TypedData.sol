// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementRegistry} from "../interfaces/IAgreementRegistry.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IMeterRegistry} from "../interfaces/IMeterRegistry.sol";
import {IReadingAnchor} from "../interfaces/IReadingAnchor.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title hashStruct of every typed structure of docs/protocol.md.
/// @dev A structure of static members is encoded by abi.encode as its members one after the other, so type hash and structure in one abi.encode
/// are the EIP-712 encoding. Dynamic members are hashed first: arrays of words by keccak256 of their packed words, bytes by keccak256.
library TypedData {
    bytes32 internal constant REGISTER_PARTY = keccak256("RegisterParty(bytes32 party,bytes signer,uint256 nonce,uint64 deadline)");
    bytes32 internal constant ROTATE_SIGNER =
        keccak256("RotateSigner(bytes32 party,bytes oldSigner,bytes newSigner,uint256 nonce,uint64 deadline)");
    bytes32 internal constant REVOKE_SIGNER = keccak256("RevokeSigner(bytes32 party,bytes signer,uint256 nonce,uint64 deadline)");
    bytes32 internal constant AGREEMENT = keccak256(
        "Agreement(bytes32 id,bytes32 kind,uint64 baseLength,bytes32 baseDigest,bytes32 termsRoot,bytes32[] parties,uint64 validFrom,uint64 validTo,bytes32 supersedes,uint64 deadline)"
    );
    bytes32 internal constant ATTESTED_APPROVAL = keccak256("AttestedApproval(bytes32 agreementHash,bytes32 party,bytes32 evidence)");
    bytes32 internal constant TERMINATION = keccak256("Termination(bytes32 id,bytes32 party,uint64 effectiveAt,uint64 deadline)");
    bytes32 internal constant METER =
        keccak256("Meter(bytes32 meter,bytes32 party,bytes32 zone,bytes signer,uint64 capacityW,uint64 validFrom,uint64 validTo)");
    bytes32 internal constant LOAD_PROFILE =
        keccak256("LoadProfile(bytes32 meter,uint64 periodStart,uint32 intervalS,uint32 version,uint64[] importWh,uint64[] exportWh)");
    bytes32 internal constant READINGS =
        keccak256("Readings(bytes32 zone,uint64 periodStart,uint64 periodEnd,uint32 version,bytes32 root,uint32 count)");
    bytes32 internal constant ORDER = keccak256(
        "Order(bytes32 party,bytes32 meter,bytes32 zone,uint8 side,Step[] steps,uint64 validFrom,uint64 validTo,uint64 nonce)Step(uint64 quantityWh,uint32 priceVndPerKwh)"
    );
    bytes32 internal constant STEP = keccak256("Step(uint64 quantityWh,uint32 priceVndPerKwh)");
    bytes32 internal constant CANCEL_ORDER = keccak256("CancelOrder(bytes32 party,bytes32 orderDigest,uint64 deadline)");
    bytes32 internal constant CLEARING = keccak256(
        "Clearing(bytes32 zone,uint64 start,uint64 end,bytes32 ordersRoot,uint32 readingsVersion,uint8 mechanism,uint32 priceVndPerKwh,uint32 publishedPriceVndPerKwh,uint32 retailPriceVndPerKwh,uint64 surplusWh,uint64 demandWh,uint64 tradedWh,uint64 toUtilityWh,uint64 fromUtilityWh,uint64 unpaidWh,bytes32 fillsRoot,uint32 fillsCount)"
    );
    bytes32 internal constant SETTLEMENT_RUN = keccak256(
        "SettlementRun(bytes32 zone,uint64 periodStart,uint64 periodEnd,uint32 run,uint32 readingsVersion,bytes32 positionsRoot,uint32 positionsCount,uint256 buyersPayMvnd,uint256 sellersGetMvnd,uint256 utilityPaysMvnd,uint256 utilityGetsMvnd)"
    );

    /// @notice A price step of an order: the next `quantityWh` at `priceVndPerKwh`.
    struct Step {
        uint64 quantityWh;
        uint32 priceVndPerKwh;
    }

    /// @notice A standing order. It is signed under the Exchange's domain and never sent to the chain in v1.
    struct Order {
        bytes32 party;
        bytes32 meter;
        bytes32 zone;
        uint8 side;
        Step[] steps;
        uint64 validFrom;
        uint64 validTo;
        uint64 nonce;
    }

    function hashRegisterParty(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(REGISTER_PARTY, party, keccak256(signer), nonce, deadline));
    }

    function hashRotateSigner(bytes32 party, bytes calldata oldSigner, bytes calldata newSigner, uint256 nonce, uint64 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(ROTATE_SIGNER, party, keccak256(oldSigner), keccak256(newSigner), nonce, deadline));
    }

    function hashRevokeSigner(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(REVOKE_SIGNER, party, keccak256(signer), nonce, deadline));
    }

    function hash(IAgreementRegistry.Agreement calldata a) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(AGREEMENT, a.id, a.kind, a.baseLength, a.baseDigest, a.termsRoot),
                abi.encode(keccak256(abi.encodePacked(a.parties)), a.validFrom, a.validTo, a.supersedes, a.deadline)
            )
        );
    }

    function hashAttestedApproval(bytes32 agreementHash, bytes32 party, bytes32 evidence) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTED_APPROVAL, agreementHash, party, evidence));
    }

    function hashTermination(bytes32 id, bytes32 party, uint64 effectiveAt, uint64 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(TERMINATION, id, party, effectiveAt, deadline));
    }

    function hash(bytes32 meter, IMeterRegistry.Meter memory m) internal pure returns (bytes32) {
        return keccak256(abi.encode(METER, meter, m.party, m.zone, keccak256(m.signer), m.capacityW, m.validFrom, m.validTo));
    }

    function hashLoadProfile(
        bytes32 meter,
        uint64 periodStart,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata importWh,
        uint64[] calldata exportWh
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                LOAD_PROFILE,
                meter,
                periodStart,
                intervalS,
                version,
                keccak256(abi.encodePacked(importWh)),
                keccak256(abi.encodePacked(exportWh))
            )
        );
    }

    function hash(IReadingAnchor.Readings calldata r) internal pure returns (bytes32) {
        return keccak256(abi.encode(READINGS, r));
    }

    function hash(Order calldata o) internal pure returns (bytes32) {
        bytes32[] memory steps = new bytes32[](o.steps.length);
        for (uint256 i = 0; i < steps.length; ++i) {
            steps[i] = keccak256(abi.encode(STEP, o.steps[i]));
        }
        return keccak256(
            bytes.concat(
                abi.encode(ORDER, o.party, o.meter, o.zone, o.side),
                abi.encode(keccak256(abi.encodePacked(steps)), o.validFrom, o.validTo, o.nonce)
            )
        );
    }

    function hashCancelOrder(bytes32 party, bytes32 orderDigest, uint64 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCEL_ORDER, party, orderDigest, deadline));
    }

    function hash(IExchange.Clearing calldata c) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLEARING, c));
    }

    function hash(ISettlement.SettlementRun calldata s) internal pure returns (bytes32) {
        return keccak256(abi.encode(SETTLEMENT_RUN, s));
    }
}
