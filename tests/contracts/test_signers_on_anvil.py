"""Every kind of signer on a real chain: it is admitted with its own signature, and refused when one bit of it flips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ledger.chain.rpc import NodeError
from ledger.chain.solc import compile_standard_json
from ledger.protocol.quantities import new_id
from ledger.protocol.signers import (
    eoa_signer,
    new_eoa_key,
    new_p256_key,
    new_rsa_key,
    p256_signer,
    rsa_signer,
    sign_eoa,
    sign_p256,
    sign_rsa,
)
from ledger.protocol.typed_data import RegisterParty, digest
from tests.conftest import World

DEADLINE = 2**40
WALLET = "contracts/test/support/Wallet.sol"


@dataclass(frozen=True)
class Signing:
    """A signer and how it signs."""

    signer: bytes
    sign: Callable[[bytes], bytes]


def a_wallet(world: World) -> Signing:
    key = new_eoa_key()
    return Signing(eoa_signer(key), lambda given: sign_eoa(key, given))


def an_account(world: World) -> Signing:
    """An ERC-1271 contract whose owner signs."""
    owner, root = new_eoa_key(), world.settings.project_root
    assert root is not None
    library = "@openzeppelin/contracts/"
    names = ("interfaces/IERC1271.sol", "utils/cryptography/ECDSA.sol")
    sources = {library + name: (root / "node_modules" / (library + name)).read_text(encoding="utf-8") for name in names}
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in {**sources, WALLET: (root / WALLET).read_text(encoding="utf-8")}.items()},
        "settings": {"evmVersion": "osaka", "outputSelection": {WALLET: {"Wallet": ["evm.bytecode.object"]}}},
    }
    made = compile_standard_json(root, question)["contracts"][WALLET]["Wallet"]
    code = bytes.fromhex(made["evm"]["bytecode"]["object"]) + eoa_signer(owner).rjust(32, b"\0")
    address = world.gateway.transact(world.deployer, None, code, "Wallet").contract
    assert address is not None
    return Signing(address, lambda given: sign_eoa(owner, given))


def a_p256_key(world: World) -> Signing:
    key = new_p256_key()
    return Signing(p256_signer(key, world.deployment.verifiers), lambda given: sign_p256(key, given))


def an_rsa_certificate(world: World) -> Signing:
    key = new_rsa_key()
    return Signing(rsa_signer(key, world.deployment.verifiers), lambda given: sign_rsa(key, given))


@pytest.mark.parametrize("make", [a_wallet, an_account, a_p256_key, an_rsa_certificate], ids=lambda make: make.__name__)
def test_a_signer_is_admitted_with_its_signature_and_refused_when_one_bit_flips(world: World, make: Callable[[World], Signing]) -> None:
    who, party = make(world), new_id()
    good = who.sign(digest(world.deployment.domain("PartyRegistry"), RegisterParty(party, who.signer, 0, DEADLINE)))
    for bit in (0, len(good) * 4 + 3, len(good) * 8 - 1):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NodeError) as refused:
            world.send("PartyRegistry", "register", party, who.signer, DEADLINE, bytes(flipped))
        assert refused.value.error == "InvalidSignature"
        assert refused.value.values["signer"] == who.signer
    assert not world.gateway.call("PartyRegistry", "isSigner", party, who.signer)
    receipt = world.send("PartyRegistry", "register", party, who.signer, DEADLINE, good)
    assert receipt.succeeded
    assert world.gateway.call("PartyRegistry", "isSigner", party, who.signer)
    assert world.gateway.call("PartyRegistry", "nonceOf", party) == 1
