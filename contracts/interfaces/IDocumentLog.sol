// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How far the log of documents has come: its size and root, again and again.
/// @notice The log is a list of document events that only grows (RFC 6962). Whoever holds all its entries rebuilds every root on record here;
/// an operator who removes, changes or reorders one cannot.
/// @dev A root says nothing about the roots before it: that each log only appends to the last is proved off chain by consistency proofs.
interface IDocumentLog {
    /// @notice The log was seen at this size.
    event LogAnchored(uint64 indexed size, bytes32 root);

    /// @notice A log only grows.
    error LogNotGrown(uint64 given, uint64 anchored);

    /// @notice No log has this root.
    error NoRoot(uint64 size);

    /// @notice Anchors the log at a larger size than ever before. Role: RECORDER.
    /// @param size number of entries.
    /// @param root RFC 6962 root over all of them.
    function anchor(uint64 size, bytes32 root) external;

    /// @notice The root at an anchored size; 0 when the log was not anchored there.
    function rootOf(uint64 size) external view returns (bytes32);

    /// @notice The largest anchored size and its root; both 0 while there is none.
    function latest() external view returns (uint64 size, bytes32 root);
}
