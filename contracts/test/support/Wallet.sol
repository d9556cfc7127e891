// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title The smallest ERC-1271 account: what its owner signed it has signed, and the owner may hand it on.
contract Wallet is IERC1271 {
    address public owner;

    constructor(address firstOwner) {
        owner = firstOwner;
    }

    function handOver(address newOwner) external {
        require(msg.sender == owner, "only the owner");
        owner = newOwner;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address recovered, ECDSA.RecoverError wrong,) = ECDSA.tryRecover(digest, signature);
        return wrong == ECDSA.RecoverError.NoError && recovered == owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
