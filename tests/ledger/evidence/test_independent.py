"""The same proofs, judged by programs that are not ours: py-trie, OpenZeppelin's merkle-tree for JavaScript, eth-account."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
import rlp
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from trie import HexaryTrie

from ledger.evidence.bundle import FILE, parse_bundle, read_members
from ledger.evidence.claims.reading import ReadingClaim
from ledger.evidence.claims.trade import TradeClaim
from ledger.protocol.typed_data import as_eip712
from tests.ledger.evidence.proven_day import KINDS, Samples

LEAVES = {
    "reading": "bytes32 zone,bytes32 meter,uint64 start,uint32 version,uint64 import_wh,uint64 export_wh,uint8 quality,bytes32 salt",
    "fill": "bytes32 zone,uint64 start,uint32 index,bytes32 party,bytes32 meter,bytes32 order_digest,uint8 side,uint64 quantity_wh,"
    "uint32 price_vnd_per_kwh,bytes32 salt",
    "order": "bytes32 zone,uint32 index,bytes32 party,bytes32 order_digest",
    "position": "bytes32 zone,uint64 period_start,uint32 run,bytes32 party,uint64 sold_wh,uint64 bought_wh,int256 net_mvnd,bytes32 salt",
}
NPM = """
const { StandardMerkleTree } = require("@openzeppelin/merkle-tree");
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(a => StandardMerkleTree.verify(a.root, a.types, a.leaf, a.proof))));
"""


@pytest.mark.parametrize("kind", KINDS)
def test_py_trie_finds_the_same_words_under_the_blocks_state_root(samples: Samples, kind: str) -> None:
    bundle = parse_bundle(read_members(samples.bundles[kind]))
    assert keccak(bundle.header) == samples.trust.block_hash
    state_root = rlp.decode(bundle.header)[3]
    for name, proof in bundle.proofs.items():
        account = rlp.decode(under(state_root, bundle.contracts[name], proof.account))
        assert samples.trust.contracts is not None
        assert account[3] == samples.trust.contracts.code_hashes[name]
        for slot, nodes in proof.storage.items():
            value = under(account[2], slot, nodes)
            assert value == b"" or rlp.decode(value)


def under(root: bytes, key: bytes, nodes: tuple[bytes, ...]) -> bytes:
    """What another implementation finds under a key."""
    found: bytes = HexaryTrie.get_from_proof(root, keccak(key), [rlp.decode(node) for node in nodes])
    return found


def test_npms_merkle_tree_accepts_every_merkle_proof_and_refuses_it_one_wh_off(samples: Samples, project_root: Path) -> None:
    asked = []
    for kind in KINDS:
        claim = orjson.loads(read_members(samples.bundles[kind])[FILE])["claim"]
        if kind == "position":
            asked.append(question("position", claim["leaf"], claim["run"]["positions_root"], claim["proof"]))
        if "reading" in claim:
            asked.append(question("reading", claim["reading"]["leaf"], claim["reading"]["readings"]["root"], claim["reading"]["proof"]))
        if "clearing" in claim:
            asked.append(question("fill", claim["leaf"], claim["clearing"]["fills_root"], claim["proof"]))
        if claim.get("filled"):
            asked.append(question("order", claim["filled"]["leaf"], claim["clearing"]["orders_root"], claim["filled"]["proof"]))
    wrong = json.loads(json.dumps(asked[0]))
    wrong["leaf"][4] = int(wrong["leaf"][4]) + 1
    told = subprocess.run(
        ["node", "-e", NPM], cwd=project_root, input=json.dumps([*asked, wrong]), capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(told.stdout) == [True] * len(asked) + [False]
    assert len(asked) == 7


def question(leaf_kind: str, leaf: dict[str, Any], root: str, proof: list[str]) -> dict[str, Any]:
    members = [member.split() for member in LEAVES[leaf_kind].split(",")]
    return {"types": [kind for kind, _ in members], "leaf": [leaf[name] for _, name in members], "root": root, "proof": proof}


def test_eth_account_recovers_the_hands_that_signed_the_order_and_the_meters_day(samples: Samples) -> None:
    contracts = samples.trust.contracts
    assert contracts is not None
    trade = parse_bundle(read_members(samples.bundles["trade"])).claim
    assert isinstance(trade, TradeClaim)
    assert trade.filled is not None
    message = encode_typed_data(full_message=as_eip712(contracts.domain("Exchange"), trade.filled.order))
    assert bytes.fromhex(Account.recover_message(message, signature=trade.filled.signature)[2:]) == trade.filled.signer
    reading = parse_bundle(read_members(samples.bundles["reading"])).claim
    assert isinstance(reading, ReadingClaim)
    assert reading.signed is not None
    message = encode_typed_data(full_message=as_eip712(contracts.domain("MeterRegistry"), reading.signed.profile))
    assert bytes.fromhex(Account.recover_message(message, signature=reading.signed.signature)[2:]) == reading.meter.signer
