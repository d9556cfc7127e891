"""Auditing a copy of the log against everything said about it elsewhere: pure.

Whoever has all entries rebuilds every root that was ever signed, cosigned or anchored. A root that does not come out is a history that was
shown to somebody else; a size beyond the copy is an end that was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.protocol.log import consistency_proof, leaf_hash, tree_roots, verify_consistency
from ledger.transparency.entries import check_entries, read_entries
from ledger.transparency.findings import Finding, Verdict, against, told
from ledger.transparency.known import Anchored, Copy, Elsewhere, Read, read
from ledger.transparency.served import broken_proofs, told_otherwise
from ledger.transparency.times import check_times
from ledger.transparency.witnesses import check_newest, check_witnesses

__all__ = ["Anchored", "Audit", "Copy", "Elsewhere", "Finding", "Verdict", "audit"]


@dataclass(frozen=True)
class Audit:
    """Everything that was found."""

    size: int
    root: bytes
    anchored: int
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest finding's."""
        return max((one.verdict for one in self.findings), default=Verdict.WHOLE)


def audit(copy: Copy, elsewhere: Elsewhere) -> Audit:
    """Checks a whole copy of the log against what others hold."""
    leaves, entries = [leaf_hash(entry) for entry in copy.entries], read_entries(copy.entries)
    notes = [read(f"checkpoint {place}", raw) for place, raw in enumerate(copy.notes)]
    seen = [read(f"witness {name}", raw) for name, raw in elsewhere.seen.items()]
    seen += [read(f"your own file {name}", raw) for name, raw in elsewhere.own.items()]
    sizes = {one.size for one in elsewhere.anchors} | {len(leaves)} | {one.head.size for one in (*notes, *seen) if one.head is not None}
    roots = tree_roots(leaves, sizes)
    findings: list[Finding] = []
    findings += check_entries(entries, elsewhere)
    findings += check_times(entries, [*notes, *seen], elsewhere)
    if copy.beside:
        good = f"what is served beside {len(copy.beside)} entries is what they hold"
        findings += told("columns", told_otherwise(copy.entries, copy.beside), good)
    if copy.proofs:
        findings += told("proofs", broken_proofs(copy.entries, copy.proofs, roots), f"{len(copy.proofs)} proof(s) served hold")
    findings += _anchors(elsewhere.anchors, leaves, roots)
    findings += _checkpoints(notes, elsewhere, roots, len(leaves))
    findings += check_witnesses(notes, seen, elsewhere, roots, len(leaves))
    findings += check_newest(notes, seen)
    anchored = max((one.size for one in elsewhere.anchors if roots.get(one.size) == one.root and one.size <= len(leaves)), default=0)
    findings += _coverage(len(leaves), anchored)
    return Audit(len(leaves), roots[len(leaves)], anchored, tuple(findings))


def _anchors(anchors: Sequence[Anchored], leaves: Sequence[bytes], roots: Mapping[int, bytes]) -> Iterator[Finding]:
    for one in anchors:
        if (grave := against(roots, len(leaves), one.size, one.root, f"the chain (block {one.block})")) is not None:
            yield Finding("anchors", *grave)
    held = [one for one in anchors if one.size <= len(leaves)]
    for old, new in pairwise(held):
        if not _continues(old, new, leaves):
            yield Finding("consistency", Verdict.SPLIT, f"the log anchored at {new.size} does not continue the one anchored at {old.size}")
    if anchors and all(roots.get(one.size) == one.root for one in anchors):
        detail = f"{len(anchors)} anchored checkpoint(s) up to size {anchors[-1].size}, each a continuation of the one before"
        yield Finding("anchors", Verdict.WHOLE, detail)


def _continues(old: Anchored, new: Anchored, leaves: Sequence[bytes]) -> bool:
    """Whether a consistency proof from these leaves leads from one anchored root to the next."""
    if old.size >= new.size:
        return False
    proof = consistency_proof(list(leaves[: new.size]), old.size)
    return verify_consistency(old.root, old.size, new.root, new.size, proof)


def _checkpoints(notes: Sequence[Read], elsewhere: Elsewhere, roots: Mapping[int, bytes], size: int) -> Iterator[Finding]:
    wrong, graves = [], list[Finding]()
    for one in notes:
        if one.note is None or one.head is None:
            wrong.append(f"{one.where}: {one.problem}")
            continue
        if one.head.origin != elsewhere.origin:
            wrong.append(f"{one.where} is of another log, {one.head.origin}")
        elif elsewhere.log_key is not None and not elsewhere.log_key.signed(one.note):
            wrong.append(f"{one.where} is not signed by {elsewhere.log_key.name}'s key {elsewhere.log_key.key_id.hex()}")
        elif (grave := against(roots, size, one.head.size, one.head.root, "a signed checkpoint")) is not None:
            graves.append(Finding("checkpoints", *grave))
    yield from graves
    if not notes:
        yield Finding("checkpoints", Verdict.UNANCHORED, "no checkpoint was served, so no signature of the log was checked", checked=False)
    elif wrong or not graves:
        signed = "signed by the key you named" if elsewhere.log_key else "each the root of these entries"
        yield from told("checkpoints", wrong, f"{len(notes)} checkpoint(s), {signed}")
    if elsewhere.log_key is None:
        yield Finding("log-key", Verdict.UNANCHORED, "the checkpoints' signatures: no --log-key was given", checked=False)


def _coverage(size: int, anchored: int) -> Iterator[Finding]:
    if size > anchored:
        yield Finding("coverage", Verdict.UNANCHORED, f"the last {size - anchored} of {size} entries are not anchored yet")
    else:
        yield Finding("coverage", Verdict.WHOLE, f"all {size} entries are anchored")
