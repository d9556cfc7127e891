// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What every contract that checks signatures shares.
/// @notice Signatures are over EIP-712 typed data with the domain name "SoNang", version "1", this chain's id and this contract's address.
/// A signer is ERC-7913 bytes: 20 bytes are an address (a wallet, or an ERC-1271 account when it has code), more are a verifier's address and a key.
/// @dev A verifier contract decides alone what a valid signature is, so whoever admits a signer answers for its verifier too. The answer of an
/// ERC-1271 account may change with time: what counts is the answer in the block of the transaction. Nothing is ever keyed on signature bytes.
interface ISigned {
    /// @notice The signature came too late.
    /// @param deadline last second at which it would have counted.
    /// @param timestamp this block's time.
    error DeadlinePassed(uint64 deadline, uint256 timestamp);

    /// @notice The signature is not one of `signer` over `digest`.
    error InvalidSignature(bytes signer, bytes32 digest);

    /// @notice Two lists that go together differ in length.
    error LengthMismatch(uint256 signers, uint256 signatures);

    /// @notice A span of time ends before it begins, or is empty.
    error EmptyPeriod(uint64 from, uint64 to);

    /// @notice An id that must be random is zero.
    error ZeroId();
}
