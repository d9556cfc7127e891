// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One RSA-2048 key for the tests, which signs with the precompile for modular exponentiation. It guards nothing anywhere.
library RsaKey {
    bytes private constant E = hex"010001";
    bytes private constant N = hex"d4842fabd0db38ca5610341c4e2fcae3decaa4cebfbf836e943dc780c2fd1ada657403687803105a93073997d81d2e2547a98c325bdb7d447d02837fbf5aa2bc"
        hex"42db1ef21c13ec2bff4e5251d7ac929f226139ab2afd45f347a88d2d32a2daaabbd61ef3b84fee46ba06ee89129ac30c37d3f40cadaa44f4e6515649eafc70ac"
        hex"16443f73b1574bba8b1a87cd7ec0b47d0a9a0db192f31723dab9548cda750333d941aac262fbad127cabce2652494622fb989477a8ffd47202cf7ebd63cae1b8"
        hex"e96eddd142764d26f86efcf424d79f6050d7ce42b69a5a3908017eb2ca3cf6e0dbf3f7626e706e528d6a7bd9bc06b872e4f6829f4c6263bc4e1db52b58688a7d";
    bytes private constant D = hex"2bbd3314914d75604b9b5526583f44ea6671ddbec1bf587d3b5c85c1ae202ad535594dd44413195c12f3c33a49dc23a1bfa0993eca222023a6f90bf890794692"
        hex"29ce708d9312d4a26f8efea96292ddb08c0267bc9f81f6522e76f5eb8e06efab81327e375a417540b04bf9ef53596ff8854b05e9501b01cb47d608c4f8ecd101"
        hex"721cf1403e4663e0eed17b996acc67fba66d1f9ecb6ca5616b47e23db31e506281d94eb749a73d10d145bb1b3c444b320ab112039fa0ba2d537dc5786dfece6e"
        hex"31c54d97a42e0c65c3ee8a5ffd59f2ed0f86cf6bfbbe4486c936c6216b7cdc705874b73c7e31151aedbcd5596532f50ab6fdbac081952930f1dda487300eb14f";

    /// @dev The key as an ERC-7913 signer carries it.
    function publicKey() internal pure returns (bytes memory) {
        return abi.encode(E, N);
    }

    /// @dev PKCS#1 v1.5 with SHA-256 of the 32-byte digest.
    function sign(bytes32 digest) internal view returns (bytes memory) {
        bytes memory padding = new bytes(202);
        for (uint256 i = 0; i < padding.length; ++i) {
            padding[i] = 0xff;
        }
        bytes memory header = hex"3031300d060960864801650304020105000420";
        bytes memory message = abi.encodePacked(hex"0001", padding, hex"00", header, sha256(abi.encodePacked(digest)));
        (bool done, bytes memory signature) = address(5).staticcall(abi.encodePacked(message.length, D.length, N.length, message, D, N));
        require(done && signature.length == 256, "modular exponentiation failed");
        return signature;
    }
}
