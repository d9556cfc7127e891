"""What a server says beside the hashed bytes of the log, and the proofs it makes, held against those bytes: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger.errors import ProtocolError
from ledger.protocol.log import leaf_hash
from ledger.protocol.tlog_proof import parse_tlog_proof
from ledger.transparency.rules import parse_entry


def told_otherwise(entries: Sequence[bytes], beside: Sequence[Mapping[str, object]]) -> list[str]:
    """Where what is served beside an entry is not what it holds: nobody is to be told another event than the one that was logged."""
    wrong = []
    for index, (data, said) in enumerate(zip(entries, beside, strict=True)):
        try:
            entry = parse_entry(data)
        except ProtocolError:
            continue  # told already
        true = {"unit": entry.unit, "sequence": entry.sequence, "event": entry.event, "document": entry.document}
        true["leaf_hash"] = leaf_hash(data)
        other = sorted(name for name, value in said.items() if true.get(name) != value)
        if other:
            wrong.append(f"entry {index} is served with another {', '.join(other)} than it holds")
    return wrong


def broken_proofs(entries: Sequence[bytes], proofs: Mapping[int, bytes], roots: Mapping[int, bytes]) -> list[str]:
    """Which proofs, by the entry they should be of, do not lead from it to a root of this log."""
    wrong = []
    for index, raw in proofs.items():
        try:
            proof = parse_tlog_proof(raw)
        except ProtocolError as problem:
            wrong.append(f"the proof served of entry {index}: {problem.problem}")
            continue
        same = (proof.index, proof.entry) == (index, entries[index]) and proof.holds()
        if not same or roots.get(proof.checkpoint.size, proof.checkpoint.root) != proof.checkpoint.root:
            wrong.append(f"the proof served of entry {index} does not lead from it to this log's root")
    return wrong
