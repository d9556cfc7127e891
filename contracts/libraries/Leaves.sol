// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Leaves of the Merkle trees of docs/protocol.md, in OpenZeppelin's double-hashed form.
/// @dev Every leaf names its own place, because a tree of sorted pairs proves none.
library Leaves {
    struct Reading {
        bytes32 zone;
        bytes32 meter;
        uint64 start;
        uint32 version;
        uint64 importWh;
        uint64 exportWh;
        uint8 quality;
        bytes32 salt;
    }

    struct Order {
        bytes32 zone;
        uint32 index;
        bytes32 party;
        bytes32 orderDigest;
    }

    struct Fill {
        bytes32 zone;
        uint64 start;
        uint32 index;
        bytes32 party;
        bytes32 meter;
        bytes32 orderDigest;
        uint8 side;
        uint64 quantityWh;
        uint32 priceVndPerKwh;
        bytes32 salt;
    }

    struct Position {
        bytes32 zone;
        uint64 periodStart;
        uint32 run;
        bytes32 party;
        uint64 soldWh;
        uint64 boughtWh;
        int256 netMvnd;
        bytes32 salt;
    }

    struct Term {
        bytes32 agreement;
        string path;
        string value;
        bytes32 salt;
    }

    function hash(Reading calldata leaf) internal pure returns (bytes32) {
        return _twice(abi.encode(leaf));
    }

    function hash(Order calldata leaf) internal pure returns (bytes32) {
        return _twice(abi.encode(leaf));
    }

    function hash(Fill calldata leaf) internal pure returns (bytes32) {
        return _twice(abi.encode(leaf));
    }

    function hash(Position calldata leaf) internal pure returns (bytes32) {
        return _twice(abi.encode(leaf));
    }

    /// @dev Members, not the structure: abi.encode of a structure with dynamic members begins with an offset the protocol's form has not.
    function hash(Term calldata leaf) internal pure returns (bytes32) {
        return _twice(abi.encode(leaf.agreement, leaf.path, leaf.value, leaf.salt));
    }

    function _twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(encoded)));
    }
}
