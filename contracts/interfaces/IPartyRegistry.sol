// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISigned} from "./ISigned.sol";

/// @title Who may sign for whom: pseudonymous parties and their ERC-7913 signers.
/// @notice A party is a random 32-byte id; names never reach the chain. A signer stands for a party from one block time to another, once:
/// a signer that was rotated out or revoked never stands for that party again. At most one signer stands for a party at a time.
/// @dev Trust: the REGISTRAR binds people to pseudonyms. He admits a party's first signer, once, and can end a signer; he can neither add nor
/// replace one. Every later signer comes by `rotate`, signed by the one before, so who holds the signer that stands knows that nobody else
/// signs. A party without a signer stays without: a person who lost the key gets a new id. He must admit only signers whose verifier he knows.
interface IPartyRegistry is ISigned {
    /// @notice From when until when a signer stands for a party. Times are block times; `until` is 0 while it stands.
    struct Standing {
        uint64 since;
        uint64 until;
    }

    /// @notice `signer` stands for `party` from this block on, the first to do so.
    event PartyRegistered(bytes32 indexed party, bytes signer);

    /// @notice `newSigner` has taken the place of `oldSigner`.
    event SignerRotated(bytes32 indexed party, bytes oldSigner, bytes newSigner);

    /// @notice `signer` no longer stands for `party`.
    event SignerRevoked(bytes32 indexed party, bytes signer);

    /// @notice `party` has or had a signer: only `rotate` brings another.
    /// @param nonce of the party: how often its signers have changed.
    error PartyAlreadyRegistered(bytes32 party, uint256 nonce);

    /// @notice `signer` stands or once stood for `party` and cannot be admitted again.
    error SignerAlreadyKnown(bytes32 party, bytes signer, uint64 since, uint64 until);

    /// @notice `signer` does not stand for `party` now.
    error NotASigner(bytes32 party, bytes signer);

    /// @notice Admits the first signer of a party that never had one. Role: REGISTRAR.
    /// @param signature by `signer` over RegisterParty(party, signer, 0, deadline): proof that the key is held.
    function register(bytes32 party, bytes calldata signer, uint64 deadline, bytes calldata signature) external;

    /// @notice Puts a new signer in the place of an old one. Anyone may bring the two signatures.
    /// @param oldSignature by `oldSigner` over RotateSigner(party, oldSigner, newSigner, nonceOf(party), deadline).
    /// @param newSignature by `newSigner` over the same.
    function rotate(
        bytes32 party,
        bytes calldata oldSigner,
        bytes calldata newSigner,
        uint64 deadline,
        bytes calldata oldSignature,
        bytes calldata newSignature
    ) external;

    /// @notice Ends a signer's standing at its own wish, for good: the party has none afterwards. Anyone may bring the signature.
    /// Works while paused.
    /// @param signature by `signer` over RevokeSigner(party, signer, nonceOf(party), deadline).
    function revoke(bytes32 party, bytes calldata signer, uint64 deadline, bytes calldata signature) external;

    /// @notice Ends a signer's standing, for a stolen key, for good: the party has none afterwards. Role: REGISTRAR. Works while paused.
    function revokeByRegistrar(bytes32 party, bytes calldata signer) external;

    /// @notice Whether `signer` stands for `party` now.
    function isSigner(bytes32 party, bytes calldata signer) external view returns (bool);

    /// @notice Since when, and until when, `signer` stands for `party`; zeros when it never did.
    function standingOf(bytes32 party, bytes calldata signer) external view returns (Standing memory);

    /// @notice The nonce the next signature of this party must carry; 0 for an unknown party, above 0 for a known one.
    function nonceOf(bytes32 party) external view returns (uint256);

    /// @notice Whether `signer` stands for `party` now and `signature` is one of it over `digest`.
    function isValidSignature(bytes32 party, bytes calldata signer, bytes32 digest, bytes calldata signature) external view returns (bool);
}
