// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ISigned} from "./interfaces/ISigned.sol";

/// @title ISigned, which holds all the prose.
abstract contract Signed is ISigned, EIP712, ReentrancyGuardTransient {
    constructor() EIP712("SoNang", "1") {}

    function _requireBefore(uint64 deadline) internal view {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
    }

    function _requireSignature(bytes calldata signer, bytes32 digest, bytes calldata signature) internal view {
        bool valid;
        if (signer.length == 20) {
            // Twenty bytes are an address; nothing is cut off.
            // forge-lint: disable-next-line(unsafe-typecast)
            valid = SignatureChecker.isValidSignatureNowCalldata(address(bytes20(signer)), digest, signature);
        } else {
            valid = SignatureChecker.isValidSignatureNow(signer, digest, signature);
        }
        if (!valid) revert InvalidSignature(signer, digest);
    }
}
