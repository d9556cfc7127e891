"""The log over HTTP: a reader who trusts nothing rebuilds it from the pages, and every proof leads where it says."""

from __future__ import annotations

from ledger.protocol.checkpoint import parse_checkpoint, parse_note
from ledger.protocol.log import leaf_hash, tree_root, verify_consistency, verify_inclusion
from ledger.protocol.quantities import unhex
from ledger.protocol.tlog_proof import parse_tlog_proof
from ledger.transparency.rules import parse_entry
from tests.api.conftest import Client, Told


def all_entries(client: Client) -> list[bytes]:
    data, cursor = [], None
    while True:
        page = client.get("/api/v1/log/entries", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        data += [unhex(one["data"], "data") for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return data


def test_the_log_is_rebuilt_from_its_pages_and_its_proofs_lead_where_they_say(client: Client, told: Told) -> None:
    entries = all_entries(client)
    leaves = [leaf_hash(each) for each in entries]
    agreements = {one.id for one in told.day.valley.agreements.values()}
    assert {parse_entry(each).document for each in entries} >= agreements
    head = client.get("/api/v1/log/checkpoint").json()
    note = parse_note(head["note"].encode())
    assert told.log_key.signed(note)
    assert (parse_checkpoint(note.text).size, parse_checkpoint(note.text).root) == (len(leaves), tree_root(leaves))
    assert client.get("/api/v1/log/checkpoints").json() == {"items": [head], "next": None}
    size, root = len(leaves), tree_root(leaves)
    for index, leaf in enumerate(leaves):
        proof = client.get("/api/v1/log/proof", params={"index": index, "size": size}).json()
        assert (proof["index"], proof["size"]) == (index, size), "whoever mistyped a parameter sees it"
        assert verify_inclusion(root, size, index, leaf, [unhex(one, "hash", 32) for one in proof["hashes"]])
        portable = parse_tlog_proof(client.get("/api/v1/log/tlog-proof", params={"index": index}).content)
        assert portable.holds()
        assert (portable.entry, portable.note) == (entries[index], note)
        grown = client.get("/api/v1/log/consistency", params={"old": index + 1, "new": size}).json()["hashes"]
        assert verify_consistency(tree_root(leaves[: index + 1]), index + 1, root, size, [unhex(one, "hash", 32) for one in grown])


def test_what_cannot_be_proved_is_answered_with_what_to_do(client: Client) -> None:
    size = len(all_entries(client))
    for path, asked, status in (
        ("proof", {"index": 0, "size": size + 1}, 422),
        ("proof", {"index": size, "size": size}, 422),
        ("proof", {"index": 0, "size": 0}, 422),
        ("consistency", {"old": 0, "new": size}, 422),
        ("consistency", {"old": size, "new": 1}, 422),
        ("tlog-proof", {"index": size}, 404),
    ):
        answer = client.get(f"/api/v1/log/{path}", params=asked)
        assert answer.status_code == status, answer.text
        assert answer.json()["fix"]
