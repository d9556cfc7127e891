// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {RsaKey} from "./RsaKey.sol";
import {vm} from "./Vm.sol";
import {Wallet} from "./Wallet.sol";

/// @dev The four kinds of signer of docs/protocol.md.
enum Kind {
    Eoa,
    Account,
    P256Key,
    RsaCertificate
}

/// @dev A signer that can sign; `secret` is the key of an EOA, of an account's owner, or of P-256.
struct Key {
    Kind kind;
    bytes signer;
    uint256 secret;
}

/// @title Keys of every kind and their signatures.
library Keys {
    function eoa(uint256 secret) internal pure returns (Key memory) {
        return Key(Kind.Eoa, abi.encodePacked(vm.addr(secret)), secret);
    }

    function account(uint256 ownerSecret) internal returns (Key memory) {
        return Key(Kind.Account, abi.encodePacked(address(new Wallet(vm.addr(ownerSecret)))), ownerSecret);
    }

    function p256(address verifier, uint256 secret) internal pure returns (Key memory) {
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        return Key(Kind.P256Key, abi.encodePacked(verifier, x, y), secret);
    }

    function rsa(address verifier) internal pure returns (Key memory) {
        return Key(Kind.RsaCertificate, abi.encodePacked(verifier, RsaKey.publicKey()), 0);
    }

    function sign(Key memory key, bytes32 digest) internal view returns (bytes memory) {
        if (key.kind == Kind.P256Key) return _signP256(key.secret, digest);
        if (key.kind == Kind.RsaCertificate) return RsaKey.sign(digest);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key.secret, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The other signature that ECDSA without a low-s rule would accept.
    function twin(Key memory key, bytes memory signature) internal pure returns (bytes memory) {
        uint256 order = key.kind == Kind.P256Key ? P256.N : 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        if (key.kind == Kind.P256Key) return abi.encodePacked(r, order - s);
        return abi.encodePacked(r, order - s, uint8(signature[64]) == 27 ? uint8(28) : uint8(27));
    }

    function flipped(bytes memory signature, uint256 bit) internal pure returns (bytes memory other) {
        other = bytes.concat(signature);
        other[bit / 8 % signature.length] ^= bytes1(uint8(1 << (bit % 8)));
    }

    function _signP256(uint256 secret, bytes32 digest) private pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(secret, digest);
        return uint256(s) > P256.N / 2 ? abi.encodePacked(r, P256.N - uint256(s)) : abi.encodePacked(r, s);
    }
}
