// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Governed} from "./Governed.sol";
import {Signed} from "./Signed.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title IPartyRegistry, which holds all the prose.
contract PartyRegistry is IPartyRegistry, Signed, Governed {
    mapping(bytes32 party => mapping(bytes32 signerHash => Standing)) private _standings;
    mapping(bytes32 party => uint256) private _nonces;

    constructor(address manager) Governed(manager) {}

    /// @inheritdoc IPartyRegistry
    function register(bytes32 party, bytes calldata signer, uint64 deadline, bytes calldata signature)
        external
        restricted
        whenNotPaused
        nonReentrant
    {
        if (party == 0) revert ZeroId();
        _requireBefore(deadline);
        uint256 nonce = _nonces[party]++;
        if (nonce != 0) revert PartyAlreadyRegistered(party, nonce);
        bytes32 digest = _hashTypedDataV4(TypedData.hashRegisterParty(party, signer, nonce, deadline));
        _admit(party, signer);
        _requireSignature(signer, digest, signature);
        emit PartyRegistered(party, signer);
    }

    /// @inheritdoc IPartyRegistry
    function rotate(
        bytes32 party,
        bytes calldata oldSigner,
        bytes calldata newSigner,
        uint64 deadline,
        bytes calldata oldSignature,
        bytes calldata newSignature
    ) external whenNotPaused nonReentrant {
        _requireBefore(deadline);
        bytes32 digest = _rotation(party, oldSigner, newSigner, deadline);
        _dismiss(party, oldSigner);
        _admit(party, newSigner);
        _requireSignature(oldSigner, digest, oldSignature);
        _requireSignature(newSigner, digest, newSignature);
        emit SignerRotated(party, oldSigner, newSigner);
    }

    /// @inheritdoc IPartyRegistry
    function revoke(bytes32 party, bytes calldata signer, uint64 deadline, bytes calldata signature) external nonReentrant {
        _requireBefore(deadline);
        bytes32 digest = _hashTypedDataV4(TypedData.hashRevokeSigner(party, signer, _nonces[party]++, deadline));
        _dismiss(party, signer);
        _requireSignature(signer, digest, signature);
        emit SignerRevoked(party, signer);
    }

    /// @inheritdoc IPartyRegistry
    function revokeByRegistrar(bytes32 party, bytes calldata signer) external restricted {
        ++_nonces[party];
        _dismiss(party, signer);
        emit SignerRevoked(party, signer);
    }

    /// @inheritdoc IPartyRegistry
    function isSigner(bytes32 party, bytes calldata signer) public view returns (bool) {
        return _stands(_standings[party][keccak256(signer)]);
    }

    /// @inheritdoc IPartyRegistry
    function standingOf(bytes32 party, bytes calldata signer) external view returns (Standing memory) {
        return _standings[party][keccak256(signer)];
    }

    /// @inheritdoc IPartyRegistry
    function nonceOf(bytes32 party) external view returns (uint256) {
        return _nonces[party];
    }

    /// @inheritdoc IPartyRegistry
    function isValidSignature(bytes32 party, bytes calldata signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return isSigner(party, signer) && SignatureChecker.isValidSignatureNow(signer, digest, signature);
    }

    function _rotation(bytes32 party, bytes calldata oldSigner, bytes calldata newSigner, uint64 deadline) private returns (bytes32) {
        uint256 nonce = _nonces[party]++;
        return _hashTypedDataV4(TypedData.hashRotateSigner(party, oldSigner, newSigner, nonce, deadline));
    }

    function _admit(bytes32 party, bytes calldata signer) private {
        Standing storage standing = _standings[party][keccak256(signer)];
        if (standing.since != 0) revert SignerAlreadyKnown(party, signer, standing.since, standing.until);
        standing.since = uint64(block.timestamp);
    }

    function _dismiss(bytes32 party, bytes calldata signer) private {
        Standing storage standing = _standings[party][keccak256(signer)];
        if (!_stands(standing)) revert NotASigner(party, signer);
        standing.until = uint64(block.timestamp);
    }

    function _stands(Standing storage standing) private view returns (bool) {
        return standing.since != 0 && standing.until == 0;
    }
}
