"""The protocol's speed beside its peers: orders verified, structs hashed, trees built.

Usage: python -m scripts.bench.protocol
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from sha3 import keccak_256

from ledger.protocol.keccak import load_lanes
from ledger.protocol.leaves import ReadingLeaf, reading_leaf_hashes
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import Verifiers, eoa_signer, sign_eoa, verify_many
from ledger.protocol.typed_data import Domain, Order, Readings, Step, TypedStruct, as_eip712, digest, hash_struct
from scripts.bench.rows import Row, answer_of, race, seconds

DOMAIN = Domain(31337, b"\x11" * 20)
VERIFIERS = Verifiers(b"\x22" * 20, b"\x33" * 20)
ORDERS, LEAVES, NPM_LEAVES, READINGS = 400, 65_536, 16_384, 20_000


def run() -> list[Row]:
    """Every row of the protocol."""
    return [*orders_verified(), *structs_hashed(), *trees_built(), readings_hashed()]


def orders(count: int) -> list[tuple[Order, bytes, bytes]]:
    """So many signed orders: the order, its signer, the signature."""
    source = random.Random(1)
    made = []
    for nonce in range(count):
        key = source.randbytes(32)
        steps = (Step(source.randrange(1, 5_000), 1_500), Step(2**64 - 1, 1_700))
        order = Order(source.randbytes(32), source.randbytes(32), b"\x44" * 32, 0, steps, 1_750_000_000, 1_850_000_000, nonce)
        made.append((order, eoa_signer(key), sign_eoa(key, digest(DOMAIN, order))))
    return made


def orders_verified() -> list[Row]:
    """From an order and a signature to the certainty that its signer signed it."""
    signed = orders(ORDERS)
    messages = [(as_eip712(DOMAIN, order), hex0x(signer), signature) for order, signer, signature in signed]

    def ours() -> None:
        faults = verify_many(((signer, digest(DOMAIN, order), signature) for order, signer, signature in signed), VERIFIERS)
        _agreed(not any(faults))

    def theirs() -> None:
        recovered = [Account.recover_message(encode_typed_data(full_message=message), signature=each) for message, _, each in messages]
        _agreed([one.lower() for one in recovered] == [signer for _, signer, _ in messages])

    mine, peers = race(ours, theirs)
    return [Row("signed orders verified", ORDERS / mine, "orders/s", "eth-account with coincurve", ORDERS / peers, aim=5)]


def structs_hashed() -> list[Row]:
    """hashStruct of what oracles sign (static fields) and of orders (a list of two structs inside: two more hashes and one over them)."""
    given = [order for order, _, _ in orders(ORDERS)]
    statements = [Readings(order.zone, order.valid_from, order.valid_to, 1, order.meter, order.nonce) for order in given]
    peer, rows = "eth-account encode_typed_data", []
    for name, structs, aim in (("oracle statements hashed", statements, 40), ("orders hashed", given, 25)):
        messages = [as_eip712(DOMAIN, struct) for struct in structs]
        _agreed(encode_typed_data(full_message=messages[0]).body == hash_struct(structs[0]))
        mine, theirs = race(partial(_hash_all, structs), partial(_encode_all, messages))
        rows.append(Row(name, ORDERS / mine, "structs/s", peer, ORDERS / theirs, aim=aim, note="as PyPI installs it"))
    command, environment = [sys.executable, "-m", "scripts.bench.protocol", "--peer"], {**os.environ, "ETH_HASH_BACKEND": "pysha3"}
    quicker = answer_of(command, json.dumps([as_eip712(DOMAIN, order) for order in given]), environment)
    return [*rows, Row("orders hashed", rows[-1].ours, "structs/s", peer, ORDERS / quicker, aim=20, note="with pysha3, as ours")]


def trees_built() -> list[Row]:
    """From leaf hashes in any order to the root."""
    load_lanes()
    leaves = [random.Random(place).randbytes(32) for place in range(LEAVES)]
    day, npm = leaves[:1_920], leaves[:NPM_LEAVES]
    _agreed(merkle_root(leaves) == plain_root(leaves))
    mine, plain = race(lambda: merkle_root(leaves), lambda: plain_root(leaves))
    day_mine, day_plain = race(lambda: merkle_root(day), lambda: plain_root(day))
    npm_mine = min(seconds(lambda: merkle_root(npm)) for _ in range(5))
    peer: dict[str, Any] = answer_of(["node", "scripts/bench/merkle_tree.mjs"], json.dumps([hex0x(leaf) for leaf in npm]))
    _agreed(peer["root"] == hex0x(merkle_root(npm)))
    unit, note = "leaves/s", "compiled path loaded"
    return [
        Row(f"Merkle root of {LEAVES:,} leaves", LEAVES / mine, unit, "a plain list with pysha3", LEAVES / plain, aim=2, note=note),
        Row("Merkle root of 1,920 leaves", 1_920 / day_mine, unit, "a plain list with pysha3", 1_920 / day_plain, aim=2, note=note),
        Row(
            f"Merkle root of {NPM_LEAVES:,} leaves",
            NPM_LEAVES / npm_mine,
            unit,
            "npm @openzeppelin/merkle-tree",
            NPM_LEAVES / peer["seconds"],
            aim=100,
        ),
    ]


def readings_hashed() -> Row:
    """Leaf hashes of readings, together and one by one."""
    load_lanes()
    source = random.Random(2)
    first = ReadingLeaf(b"\x55" * 32, source.randbytes(32), 1_750_000_000, 1, 420, 3_200, 0, source.randbytes(32))
    leaves = [replace(first, start=first.start + 1_800 * place, export_wh=place) for place in range(READINGS)]

    def one_by_one() -> list[bytes]:
        return [leaf.leaf_hash() for leaf in leaves]

    _agreed(reading_leaf_hashes(leaves) == one_by_one())
    mine, alone = race(lambda: reading_leaf_hashes(leaves), one_by_one)
    return Row("reading leaves hashed", READINGS / mine, "leaves/s", "our own one by one", READINGS / alone, aim=1.5)


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """The peer: the same tree as a plain list and one pysha3 call a node."""
    nodes = [b""] * (len(leaves) - 1) + sorted(leaves, reverse=True)
    for place in range(len(leaves) - 2, -1, -1):
        a, b = nodes[2 * place + 1], nodes[2 * place + 2]
        nodes[place] = keccak_256(a + b if a < b else b + a).digest()
    return nodes[0]


def _hash_all(structs: Sequence[TypedStruct]) -> None:
    for struct in structs:
        hash_struct(struct)


def _encode_all(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        encode_typed_data(full_message=message)


def _agreed(same: bool) -> None:
    """Peers that answer differently are not compared."""
    if not same:
        raise SystemExit("the peer's answer is another one than ours: nothing to compare")


def _as_peer() -> None:
    """Prints the seconds of the best of five rounds over the messages on stdin."""
    messages = json.load(sys.stdin)
    print(min(seconds(partial(_encode_all, messages)) for _ in range(5)))


if __name__ == "__main__":
    if "--peer" in sys.argv:
        _as_peer()
    else:
        print(*run(), sep="\n")
