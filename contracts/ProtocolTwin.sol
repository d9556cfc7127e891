// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IAgreementRegistry} from "./interfaces/IAgreementRegistry.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {IMeterRegistry} from "./interfaces/IMeterRegistry.sol";
import {IProtocolTwin} from "./interfaces/IProtocolTwin.sol";
import {IReadingAnchor} from "./interfaces/IReadingAnchor.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Leaves} from "./libraries/Leaves.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IProtocolTwin, which holds all the prose.
contract ProtocolTwin is IProtocolTwin {
    bytes32 private constant DOMAIN = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// @inheritdoc IProtocolTwin
    function hashRegisterParty(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) external pure returns (bytes32) {
        return TypedData.hashRegisterParty(party, signer, nonce, deadline);
    }

    /// @inheritdoc IProtocolTwin
    function hashRotateSigner(bytes32 party, bytes calldata oldSigner, bytes calldata newSigner, uint256 nonce, uint64 deadline)
        external
        pure
        returns (bytes32)
    {
        return TypedData.hashRotateSigner(party, oldSigner, newSigner, nonce, deadline);
    }

    /// @inheritdoc IProtocolTwin
    function hashRevokeSigner(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) external pure returns (bytes32) {
        return TypedData.hashRevokeSigner(party, signer, nonce, deadline);
    }

    /// @inheritdoc IProtocolTwin
    function hashAgreement(IAgreementRegistry.Agreement calldata agreement) external pure returns (bytes32) {
        return TypedData.hash(agreement);
    }

    /// @inheritdoc IProtocolTwin
    function hashAttestedApproval(bytes32 agreementHash, bytes32 party, bytes32 evidence) external pure returns (bytes32) {
        return TypedData.hashAttestedApproval(agreementHash, party, evidence);
    }

    /// @inheritdoc IProtocolTwin
    function hashTermination(bytes32 id, bytes32 party, uint64 effectiveAt, uint64 deadline) external pure returns (bytes32) {
        return TypedData.hashTermination(id, party, effectiveAt, deadline);
    }

    /// @inheritdoc IProtocolTwin
    function hashMeter(bytes32 meter, IMeterRegistry.Meter calldata m) external pure returns (bytes32) {
        return TypedData.hash(meter, m);
    }

    /// @inheritdoc IProtocolTwin
    function hashLoadProfile(
        bytes32 meter,
        uint64 periodStart,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata importWh,
        uint64[] calldata exportWh
    ) external pure returns (bytes32) {
        return TypedData.hashLoadProfile(meter, periodStart, intervalS, version, importWh, exportWh);
    }

    /// @inheritdoc IProtocolTwin
    function hashReadings(IReadingAnchor.Readings calldata readings) external pure returns (bytes32) {
        return TypedData.hash(readings);
    }

    /// @inheritdoc IProtocolTwin
    function hashOrder(TypedData.Order calldata order) external pure returns (bytes32) {
        return TypedData.hash(order);
    }

    /// @inheritdoc IProtocolTwin
    function hashCancelOrder(bytes32 party, bytes32 orderDigest, uint64 deadline) external pure returns (bytes32) {
        return TypedData.hashCancelOrder(party, orderDigest, deadline);
    }

    /// @inheritdoc IProtocolTwin
    function hashClearing(IExchange.Clearing calldata clearing) external pure returns (bytes32) {
        return TypedData.hash(clearing);
    }

    /// @inheritdoc IProtocolTwin
    function hashSettlementRun(ISettlement.SettlementRun calldata run) external pure returns (bytes32) {
        return TypedData.hash(run);
    }

    /// @inheritdoc IProtocolTwin
    function digest(uint256 chainId, address verifyingContract, bytes32 structHash) external pure returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN, keccak256("SoNang"), keccak256("1"), chainId, verifyingContract));
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    /// @inheritdoc IProtocolTwin
    function readingLeaf(Leaves.Reading calldata leaf) external pure returns (bytes32) {
        return Leaves.hash(leaf);
    }

    /// @inheritdoc IProtocolTwin
    function orderLeaf(Leaves.Order calldata leaf) external pure returns (bytes32) {
        return Leaves.hash(leaf);
    }

    /// @inheritdoc IProtocolTwin
    function fillLeaf(Leaves.Fill calldata leaf) external pure returns (bytes32) {
        return Leaves.hash(leaf);
    }

    /// @inheritdoc IProtocolTwin
    function positionLeaf(Leaves.Position calldata leaf) external pure returns (bytes32) {
        return Leaves.hash(leaf);
    }

    /// @inheritdoc IProtocolTwin
    function termLeaf(Leaves.Term calldata leaf) external pure returns (bytes32) {
        return Leaves.hash(leaf);
    }

    /// @inheritdoc IProtocolTwin
    function isInTree(bytes32 root, bytes32 leafHash, bytes32[] calldata proof) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, leafHash);
    }
}
