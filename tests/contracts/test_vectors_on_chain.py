"""The golden vectors on a real chain: the contracts' own libraries hash as viem and Python do, and keep it where we look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.chain.abi import Abi
from ledger.chain.artefacts import compile_contracts
from ledger.protocol import slots, typed_data
from ledger.protocol.chain_proof import verify_account, verify_header, verify_storage
from ledger.protocol.eip712 import schema_of
from ledger.protocol.merkle import MerkleTree
from ledger.protocol.quantities import hex0x, new_id, unhex
from ledger.protocol.signers import (
    P256_ORDER,
    eoa_signer,
    new_eoa_key,
    new_p256_key,
    p256_signer,
    rsa_signer,
    sign_eoa,
    sign_p256,
    verify,
)
from ledger.protocol.typed_data import RegisterParty, digest
from tests.conftest import World
from tests.ledger.protocol.vectors import LEAVES, fault, hexes, load, struct_of, value_of
from tests.rsa_key import new_rsa_key, sign_rsa

LEAF_FUNCTIONS = {"readings": "readingLeaf", "orders": "orderLeaf", "fills": "fillLeaf", "positions": "positionLeaf", "terms": "termLeaf"}
Ask = Callable[..., Any]


@pytest.fixture
def twin(world: World) -> Ask:
    """Calls to a ProtocolTwin on the chain."""
    artefact = compile_contracts(world.settings.project_root)["ProtocolTwin"]
    abi = Abi("ProtocolTwin", artefact.abi)
    address = world.gateway.transact(world.deployer, None, artefact.bytecode, "ProtocolTwin").contract

    def ask(function: str, *args: Any) -> Any:
        answer = world.gateway.ask("eth_call", {"to": hex0x(address), "data": hex0x(abi.encode(function, args))}, "latest")
        return abi.function(function).decode_outputs(unhex(answer, "answer"))

    return ask


def test_solidity_hashes_every_typed_struct_to_the_vectors_bytes(twin: Ask) -> None:
    whole = {"Agreement", "Readings", "Order", "Clearing", "SettlementRun"}
    for case in load("typed_data")["cases"]:
        name = case["primaryType"]
        cls = getattr(typed_data, name)
        value = struct_of(cls, case["message"])
        values = schema_of(cls).values(value)
        arguments = (value,) if name in whole else (values[0], values[1:]) if name == "Meter" else values
        struct_hash = twin(f"hash{name}", *arguments)
        assert hex0x(struct_hash) == case["structHash"], name
        assert hex0x(twin("digest", case["chainId"], unhex(case["verifyingContract"], "vector"), struct_hash)) == case["digest"], name


def test_solidity_hashes_every_leaf_to_the_vectors_bytes(twin: Ask) -> None:
    for case in load("leaves")["cases"]:
        kinds = [field.split(" ")[0] for field in case["fields"].split(", ")]
        leaf = LEAVES[case["tree"]](*(value_of(kind, value) for kind, value in zip(kinds, case["values"], strict=True)))
        assert hex0x(twin(LEAF_FUNCTIONS[case["tree"]], leaf)) == case["leaf"] == hex0x(leaf.leaf_hash())


def test_openzeppelin_on_chain_accepts_the_proofs_we_make(twin: Ask) -> None:
    for case in load("merkle")["simple"]:
        tree = MerkleTree(hexes(case["leaves"]))
        leaf = hexes(case["leaves"])[-1]
        assert twin("isInTree", tree.root, leaf, tree.proof(leaf))
        assert not twin("isInTree", tree.root, bytes(32), tree.proof(leaf))


def test_the_chain_and_python_accept_the_same_signatures(world: World) -> None:
    """A registered signer, asked on chain through OpenZeppelin's SignatureChecker and off chain through `verify`."""
    verifiers, named = world.deployment.verifiers, bytes(range(32))
    eoa, p256, rsa = new_eoa_key(), new_p256_key(), new_rsa_key()
    signers: list[tuple[bytes, Callable[[bytes], bytes]]] = [
        (eoa_signer(eoa), lambda given: sign_eoa(eoa, given)),
        (p256_signer(p256, verifiers), lambda given: sign_p256(p256, given)),
        (rsa_signer(rsa, verifiers), lambda given: sign_rsa(rsa, given)),
    ]
    for signer, sign in signers:
        party = new_id()
        claim = RegisterParty(party, signer, 0, 2**40)
        world.send(
            "PartyRegistry", "register", party, signer, claim.deadline, sign(digest(world.deployment.domain("PartyRegistry"), claim))
        )
        good = sign(named)
        flipped = [good[:place] + bytes((good[place] ^ 4,)) + good[place + 1 :] for place in (0, 31, 40, 63, len(good) - 1)]
        s = int.from_bytes(good[32:64], "big")
        twin_of_p256 = good[:32] + (P256_ORDER - s).to_bytes(32, "big") if len(good) == 64 else good[::-1]
        for signature in (good, *flipped, twin_of_p256, good[:-1], b"", bytes(len(good))):
            on_chain = world.gateway.call("PartyRegistry", "isValidSignature", party, signer, named, signature)
            off_chain = fault(lambda signer=signer, signature=signature: verify(signer, named, signature, verifiers)) is None  # type: ignore[misc]
            assert on_chain == off_chain == (signature == good)


def test_what_a_contract_stores_is_proven_from_the_block_hash_alone(world: World) -> None:
    key, party = new_eoa_key(), new_id()
    signer = eoa_signer(key)
    claim = RegisterParty(party, signer, 0, 2**40)
    receipt = world.send(
        "PartyRegistry", "register", party, signer, claim.deadline, sign_eoa(key, digest(world.deployment.domain("PartyRegistry"), claim))
    )
    address, slot, never = world.deployment.address("PartyRegistry"), slots.signer_slot(party, signer), slots.signer_slot(new_id(), signer)
    block = world.gateway.block(receipt.block_number)
    header_rlp, proof = world.gateway.header_rlp(block.number), world.gateway.proof(address, [slot, never], block.number)

    header = verify_header(header_rlp, block.hash)
    account = verify_account(header.state_root, address, proof.account)
    standing = slots.signer_standing(verify_storage(account.storage_root, slot, proof.slots[slot]))
    assert (standing.since, standing.until) == (block.timestamp, 0) == (header.timestamp, 0)
    assert verify_storage(account.storage_root, never, proof.slots[never]) == 0
