"""Chain proofs: anvil's and the `trie` package's proofs open, and one changed, missing or spare byte anywhere closes them."""

from __future__ import annotations

import random
from typing import Any

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from ledger.protocol.chain_proof import EMPTY_TRIE, verify_account, verify_header, verify_storage
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import unhex
from ledger.protocol.rlp_items import decode_rlp, uint_of
from tests.ledger.protocol.vectors import fault, hexes, junk, load, words

RECORDED = load("chain_proof")
HEADER, BLOCK_HASH = unhex(RECORDED["header"], "vector"), unhex(RECORDED["blockHash"], "vector")
STATE_ROOT = unhex(RECORDED["stateRoot"], "vector")
FULL, EMPTY, ABSENT = RECORDED["accounts"]
ACCOUNT_PROOF = hexes(FULL["accountProof"])
ADDRESS = unhex(FULL["address"], "vector")
STORAGE_ROOT = unhex(FULL["storageHash"], "vector")
STORED = [(unhex(entry["slot"], "vector"), int(entry["value"], 16), hexes(entry["proof"])) for entry in FULL["storage"]]
items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=20), max_leaves=40)


def test_anvils_header_opens_with_its_block_hash() -> None:
    header = verify_header(HEADER, BLOCK_HASH)
    assert (header.state_root, header.number, header.timestamp) == (STATE_ROOT, RECORDED["number"], RECORDED["timestamp"])


def test_anvils_account_and_slots_open_under_the_state_root() -> None:
    account = verify_account(STATE_ROOT, ADDRESS, ACCOUNT_PROOF)
    assert account.storage_root == STORAGE_ROOT
    assert account.code_hash == unhex(FULL["codeHash"], "vector")
    for slot, value, proof in STORED:
        assert verify_storage(STORAGE_ROOT, slot, proof) == value
    assert [value for _, value, _ in STORED if not value] == [0, 0]


def test_an_account_without_storage_holds_zero_everywhere() -> None:
    account = verify_account(STATE_ROOT, unhex(EMPTY["address"], "vector"), hexes(EMPTY["accountProof"]))
    assert account.storage_root == EMPTY_TRIE
    for proof in (hexes(EMPTY["storage"][0]["proof"]), []):
        assert verify_storage(EMPTY_TRIE, bytes(32), proof) == 0


def test_a_contract_that_is_not_there_has_no_account() -> None:
    with pytest.raises(ProtocolError, match="no such contract"):
        verify_account(STATE_ROOT, unhex(ABSENT["address"], "vector"), hexes(ABSENT["accountProof"]))


def test_every_bit_of_the_header_counts() -> None:
    for place in range(len(HEADER)):
        changed = HEADER[:place] + bytes((HEADER[place] ^ 1 << place % 8,)) + HEADER[place + 1 :]
        assert fault(lambda changed=changed: verify_header(changed, BLOCK_HASH)) is not None  # type: ignore[misc]


def test_every_byte_of_a_proof_counts() -> None:
    for slot, _, proof in STORED:
        for node, encoded in enumerate(proof):
            for place in range(len(encoded)):
                changed = [*proof]
                changed[node] = encoded[:place] + bytes((encoded[place] ^ 1 << place % 8,)) + encoded[place + 1 :]
                assert fault(lambda changed=changed, slot=slot: verify_storage(STORAGE_ROOT, slot, changed)) is not None  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [lambda p: p[:-1], lambda p: p[1:], lambda p: [*p, p[-1]], lambda p: [p[0], *p], lambda p: p[::-1], lambda p: [*p, b""], lambda p: []],
)
def test_a_missing_a_spare_or_a_misplaced_node_closes_a_proof(change: Any) -> None:
    slot, _, proof = STORED[1]
    with pytest.raises(ProtocolError) as caught:
        verify_storage(STORAGE_ROOT, slot, change(proof))
    assert caught.value.field == "storage_proof"
    with pytest.raises(ProtocolError):
        verify_account(STATE_ROOT, ADDRESS, change(ACCOUNT_PROOF))


def test_a_proof_opens_its_own_slot_only() -> None:
    for _, _, proof in STORED:
        for other, value, _ in STORED:
            wrong = fault(lambda other=other, proof=proof: verify_storage(STORAGE_ROOT, other, proof))  # type: ignore[misc]
            assert wrong is not None or verify_storage(STORAGE_ROOT, other, proof) == value


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(words, st.integers(1, 2**256 - 1), min_size=1, max_size=60),
    st.lists(words, max_size=5),
    st.randoms(use_true_random=False),
)
def test_the_trie_package_proves_and_disproves_the_same(stored: dict[bytes, int], absent: list[bytes], order: random.Random) -> None:
    trie = HexaryTrie({})
    pairs = list(stored.items())
    order.shuffle(pairs)
    for slot, value in pairs:
        trie.set(keccak(slot), rlp.encode(value))
    for slot in [*stored, *absent]:
        proof = [rlp.encode(node) for node in trie.get_proof(keccak(slot))]
        assert verify_storage(trie.root_hash, slot, proof) == stored.get(slot, 0)
        place, bit = order.randrange(len(proof)), order.randrange(8)
        broken = bytearray(proof[place])
        broken[order.randrange(len(broken))] ^= 1 << bit
        assert (
            fault(
                lambda broken=broken, place=place, proof=proof, slot=slot: verify_storage(
                    trie.root_hash, slot, [*proof[:place], bytes(broken), *proof[place + 1 :]]
                )
            )
            is not None
        )  # type: ignore[misc]


def over(node: Any) -> tuple[bytes, list[bytes]]:
    """A root and a proof over a hand-made node."""
    encoded = rlp.encode(node)
    return keccak(encoded), [encoded]


def leaf(path: str, value: bytes) -> list[bytes]:
    return [bytes.fromhex("20" + path if len(path) % 2 == 0 else "3" + path), value]


def test_a_leaf_embedded_in_its_parent_is_read_there() -> None:
    slot = bytes(32)
    path = keccak(slot).hex()
    branch: list[Any] = [b""] * 17
    branch[int(path[0], 16)] = leaf(path[1:], b"\7")
    root, proof = over(branch)
    assert verify_storage(root, slot, proof) == 7


@pytest.mark.parametrize(
    "node",
    [
        b"\x80",
        [],
        [b""],
        [b"", b"", b""],
        [b"", b"\1"],
        [b"\x40", b"\1"],
        [b"\x21", b"\1"],
        [b"\x00", b"\1"],
        [[b"\x20"], b"\1"],
        [b""] * 16,
        [b""] * 18,
        [b"\1"] * 17,
        [[b""]] * 17,
        "leaf without a value",
        "leaf with a list",
        "leaf with zero",
        "leaf with leading zero",
        "leaf too large",
        "leaf with a list inside",
    ],
)
def test_nodes_of_no_known_form_prove_nothing(node: Any) -> None:
    slot = bytes(32)
    values = {
        "leaf without a value": b"",
        "leaf with a list": [b"\1"],
        "leaf with zero": b"\x80",
        "leaf with leading zero": b"\x82\0\1",
        "leaf too large": b"\xa1" + b"\1" * 33,
        "leaf with a list inside": b"\xc1\1",
    }
    root, proof = over(leaf(keccak(slot).hex(), values[node]) if isinstance(node, str) else node)  # type: ignore[arg-type]
    with pytest.raises(ProtocolError):
        verify_storage(root, slot, proof)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [b"", b"", bytes(32)],
        [b"", b"", bytes(31), bytes(32)],
        [b"", b"", bytes(32), [b""]],
        [b"\0", b"", bytes(32), bytes(32)],
        [b"", b"\1" * 33, bytes(32), bytes(32)],
    ],
)
def test_a_leaf_that_is_no_account_is_refused(fields: Any) -> None:
    address = bytes(20)
    root, proof = over(leaf(keccak(address).hex(), rlp.encode(fields)))
    with pytest.raises(ProtocolError):
        verify_account(root, address, proof)


@pytest.mark.parametrize("change", [{3: bytes(31)}, {8: b"\0\1"}, {8: b"\1" * 9}, {11: [b"\1"]}, {3: [bytes(32)]}])
def test_a_header_with_malformed_fields_is_refused_even_with_its_hash(change: dict[int, Any]) -> None:
    fields: list[Any] = [bytes(32)] * 21
    fields[8] = fields[11] = b"\1"
    assert verify_header(rlp.encode(fields), keccak(rlp.encode(fields))).number == 1
    for place, value in change.items():
        fields[place] = value
    for encoded in (rlp.encode(fields), rlp.encode(fields[:14]), rlp.encode(b"no list")):
        with pytest.raises(ProtocolError):
            verify_header(encoded, keccak(encoded))


@given(items)
def test_rlp_reads_back_what_the_rlp_package_writes(item: Any) -> None:
    wrong = fault(lambda: decode_rlp(rlp.encode(item), "x"))
    if wrong is None:
        assert decode_rlp(rlp.encode(item), "x") == item
    else:
        assert "nested" in wrong.problem


@given(st.binary(max_size=80))
def test_rlp_accepts_exactly_what_the_rlp_package_accepts(data: bytes) -> None:
    try:
        expected = rlp.decode(data)
    except rlp.DecodingError:
        assert fault(lambda: decode_rlp(data, "x")) is not None
        return
    if fault(lambda: decode_rlp(data, "x")) is None:
        assert decode_rlp(data, "x") == expected
        assert rlp.encode(expected) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81\x01",
        b"\xb8\x01\x01",
        b"\xb8",
        b"\xb9\x00\x40" + bytes(64),
        b"\xf8\x00",
        b"\xbf" + b"\xff" * 8,
        b"\xc2\x01",
        b"\xc1\x82",
        b"\x00\x00",
        b"\xc1" * 40,
        None,
        "c0",
    ],
)
def test_malformed_rlp_is_refused(data: Any) -> None:
    with pytest.raises(ProtocolError):
        decode_rlp(data, "x")


def test_numbers_in_rlp_have_one_form() -> None:
    assert uint_of(b"", 64, "x") == 0
    assert uint_of(b"\xff" * 8, 64, "x") == 2**64 - 1
    for item in (b"\0", b"\0\1", b"\1" * 9, [], [b"\1"]):
        with pytest.raises(ProtocolError):
            uint_of(item, 64, "x")  # type: ignore[arg-type]


@given(junk, junk, junk)
def test_malformed_headers_and_proofs_end_in_our_error(a: Any, b: Any, c: Any) -> None:
    for call in (
        lambda: verify_header(a, b),
        lambda: verify_header(HEADER, a),
        lambda: verify_account(a, b, c),
        lambda: verify_account(STATE_ROOT, ADDRESS, c),
        lambda: verify_storage(a, b, c),
        lambda: verify_storage(STORAGE_ROOT, bytes(32), c),
    ):
        assert fault(call) is not None
    assert fault(lambda: verify_storage(EMPTY_TRIE, bytes(32), c)) is not None or c == []
