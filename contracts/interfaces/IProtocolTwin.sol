// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaves} from "../libraries/Leaves.sol";
import {TypedData} from "../libraries/TypedData.sol";
import {IAgreementRegistry} from "./IAgreementRegistry.sol";
import {IExchange} from "./IExchange.sol";
import {IMeterRegistry} from "./IMeterRegistry.sol";
import {IReadingAnchor} from "./IReadingAnchor.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Every hash of docs/protocol.md as a pure function.
/// @notice For whoever writes another implementation: one eth_call compares an encoder of their own with the code the contracts run.
/// It holds no state and no authority; the contracts do not need it.
interface IProtocolTwin {
    /// @notice hashStruct(RegisterParty).
    function hashRegisterParty(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) external pure returns (bytes32);

    /// @notice hashStruct(RotateSigner).
    function hashRotateSigner(bytes32 party, bytes calldata oldSigner, bytes calldata newSigner, uint256 nonce, uint64 deadline)
        external
        pure
        returns (bytes32);

    /// @notice hashStruct(RevokeSigner).
    function hashRevokeSigner(bytes32 party, bytes calldata signer, uint256 nonce, uint64 deadline) external pure returns (bytes32);

    /// @notice hashStruct(Agreement).
    function hashAgreement(IAgreementRegistry.Agreement calldata agreement) external pure returns (bytes32);

    /// @notice hashStruct(AttestedApproval).
    function hashAttestedApproval(bytes32 agreementHash, bytes32 party, bytes32 evidence) external pure returns (bytes32);

    /// @notice hashStruct(Termination).
    function hashTermination(bytes32 id, bytes32 party, uint64 effectiveAt, uint64 deadline) external pure returns (bytes32);

    /// @notice hashStruct(Meter).
    function hashMeter(bytes32 meter, IMeterRegistry.Meter calldata m) external pure returns (bytes32);

    /// @notice hashStruct(LoadProfile).
    function hashLoadProfile(
        bytes32 meter,
        uint64 periodStart,
        uint32 intervalS,
        uint32 version,
        uint64[] calldata importWh,
        uint64[] calldata exportWh
    ) external pure returns (bytes32);

    /// @notice hashStruct(Readings).
    function hashReadings(IReadingAnchor.Readings calldata readings) external pure returns (bytes32);

    /// @notice hashStruct(Order).
    function hashOrder(TypedData.Order calldata order) external pure returns (bytes32);

    /// @notice hashStruct(CancelOrder).
    function hashCancelOrder(bytes32 party, bytes32 orderDigest, uint64 deadline) external pure returns (bytes32);

    /// @notice hashStruct(Clearing).
    function hashClearing(IExchange.Clearing calldata clearing) external pure returns (bytes32);

    /// @notice hashStruct(SettlementRun).
    function hashSettlementRun(ISettlement.SettlementRun calldata run) external pure returns (bytes32);

    /// @notice The EIP-712 digest of a hashStruct under the domain "SoNang" "1" of a contract on a chain.
    function digest(uint256 chainId, address verifyingContract, bytes32 structHash) external pure returns (bytes32);

    /// @notice Leaf of the readings tree.
    function readingLeaf(Leaves.Reading calldata leaf) external pure returns (bytes32);

    /// @notice Leaf of the orders tree.
    function orderLeaf(Leaves.Order calldata leaf) external pure returns (bytes32);

    /// @notice Leaf of the fills tree.
    function fillLeaf(Leaves.Fill calldata leaf) external pure returns (bytes32);

    /// @notice Leaf of the positions tree.
    function positionLeaf(Leaves.Position calldata leaf) external pure returns (bytes32);

    /// @notice Leaf of the terms tree.
    function termLeaf(Leaves.Term calldata leaf) external pure returns (bytes32);

    /// @notice Whether a leaf is in the tree with this root.
    function isInTree(bytes32 root, bytes32 leafHash, bytes32[] calldata proof) external pure returns (bool);
}
