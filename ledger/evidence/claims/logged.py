"""An event of a document in the transparency log: a `.tlog-proof` file, checked with the keys an auditor brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ledger.agreements.sealed import content_of
from ledger.evidence.claims.standings import moment
from ledger.evidence.findings import Answer, BrokenRuleError, Moment, Report, StaleError, Status, StoppedError, Trail, UnknownError, require
from ledger.evidence.presented import Presented, length_with
from ledger.life.rules import parse_erasure
from ledger.protocol.checkpoint import Checkpoint, NoteKey
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import MAGIC, TlogProof, parse_tlog_proof
from ledger.transparency.rules import Entry, parse_entry

KIND = "log-entry"
ERASED = "erased"
"""Also a remark on a document that is genuine and whose own copy the utility erased."""
_RECORD = "bring the record of the erasure: `sonang retention show --json` at whoever erased it"
STATUSES = {
    "sealed": Status("sealed"),
    "issued": Status("issued"),
    "superseded": Status("superseded", Answer.SUPERSEDED),
    "terminated": Status("terminated", Answer.TERMINATED),
    "revoked": Status("revoked", Answer.REVOKED),
    "erased": Status("erased"),
}


@dataclass(frozen=True)
class LogTrust:
    """What an auditor trusts of a log beforehand.

    Attributes:
        log_key: the log's published key; None when nobody brought it.
        witnesses: published keys of witnesses.
        anchored_root: the root the chain holds at a size, 32 zero bytes for none; None without a node.
        seen: a checkpoint of this log the auditor saw before.
        not_before: the moment, Unix seconds, a trusted witness must have cosigned at or after; None for any.
        not_after: the moment, Unix seconds, after which no clock of a trusted witness can be right; None for any.
    """

    log_key: NoteKey | None = None
    witnesses: Sequence[NoteKey] = field(default_factory=tuple)
    anchored_root: Callable[[int], bytes] | None = None
    seen: Checkpoint | None = None
    not_before: int | None = None
    not_after: int | None = None


def is_log_proof(data: bytes) -> bool:
    """Whether a file looks like a portable proof of the log."""
    return data.startswith(MAGIC.encode())


def verify_log_proof(data: bytes, trust: LogTrust, presented: Presented | None = None) -> Report:
    """Checks that a log holds an event of a document.

    Args:
        presented: a document the event should be about, or the record of an erasure.

    Returns:
        What was found; a malformed file is an answer, never an exception.
    """
    trail, times, status = Trail(), list[Moment](), None
    try:
        with trail.step("log-proof"):
            proof = parse_tlog_proof(data)
            require(proof.holds(), "the hashes do not lead from this entry to the checkpoint", "proof")
        with trail.step("log-entry"):
            entry = parse_entry(proof.entry)
        times.append(Moment("logged", entry.time, "log"))
        if presented is not None:
            with trail.step("same-document"):
                _check_document(entry, presented)
        anchored = _check_head(trail, proof, trust, times)
        _check_fresh(trail, proof.checkpoint, trust, [one.at for one in times if one.source == "witness"])
        trail.facts.update(_facts(entry, proof))
        trail.unchecked += ["meaning", "later-entries"]
        status = STATUSES[entry.event]
        answer = Answer.AUTHENTIC if anchored else Answer.UNANCHORED
    except StoppedError as stopped:
        answer = stopped.answer
    return Report(answer, KIND, None, status, tuple(trail.checks), trail.facts, tuple(trail.unchecked), times=tuple(times))


def _check_document(entry: Entry, presented: Presented) -> None:
    """The log's digest is of the sealed document, of the issued file where it says that that was issued, of the record of an erasure.

    A file may be longer than what was logged: issued since, or its archive stamp renewed. What follows may sign and stamp, nothing else.
    """
    if entry.event == ERASED:
        _check_erasure(entry, presented.whole)
        return
    of = _agreement_of(presented.sealed)
    require(of in (None, entry.document), "the event is of another document's id than this file's", "document", UnknownError)
    if entry.event == "issued":
        length = length_with(entry.digest, presented)
        require(length > 0, "the event is of another file", "document", UnknownError)
    else:
        length = len(presented.sealed)
        require(entry.digest == sha256(presented.sealed).digest(), "the event is of another file", "document", UnknownError)
    if length < len(presented.whole):
        from ledger.evidence.issued import check_tail  # noqa: PLC0415 - a PDF library nobody waits for who brings no longer file

        check_tail(presented.whole, len(presented.sealed))


def _agreement_of(sealed: bytes) -> bytes | None:
    """The id of the agreement a file is; None for any other file."""
    try:
        return content_of(sealed).agreement.id
    except ProtocolError:
        return None


def _check_erasure(entry: Entry, data: bytes) -> None:
    """The record is the one the log names, of this document, and by its own dates the law no longer asked to keep it."""
    try:
        record = parse_erasure(data.strip())
    except ProtocolError:
        raise UnknownError("an erasure's digest is of its record, not of the document", field="document", fix=_RECORD) from None
    require(record.agreement == entry.document, "the record is of another document's erasure", "document", UnknownError)
    require(record.digest() == entry.digest, "the log names another record of this document's erasure", "document")
    require(record.kept_until <= record.decided, "erased before the day until which it had to be kept", "kept_until", BrokenRuleError)


def _check_head(trail: Trail, proof: TlogProof, trust: LogTrust, times: list[Moment]) -> bool:
    """Whether the checkpoint is one the auditor has reason to trust."""
    head, trusted = proof.checkpoint, False
    if trust.log_key is None:
        trail.skip("log-key", "no --log-key was given")
    else:
        with trail.step("log-key", trust.log_key.name):
            require(trust.log_key.name == head.origin, f"the checkpoint is of the log {head.origin}", "origin", UnknownError)
            require(trust.log_key.signed(proof.note), "the checkpoint is not signed by the log's key", "note", UnknownError)
        trusted = True
    if trust.witnesses:
        with trail.step("witnesses") as remarks:
            seen = [(key.name, at) for key in trust.witnesses if (at := key.cosigned_at(proof.note)) is not None]
            require(bool(seen), "none of the witnesses you trust cosigned it", "note", UnknownError)
            remarks.extend(name for name, _ in seen)
        times += [Moment("cosigned", at, "witness", name) for name, at in seen]
    else:
        trail.skip("witnesses", "no --witness-key was given")
    if trust.anchored_root is None:
        trail.skip("log-anchor", "no node was asked")
        return trusted
    root = trust.anchored_root(head.size)
    if not any(root):
        trail.skip("log-anchor", f"the chain has no root at {head.size} entries yet")
        return trusted
    with trail.step("log-anchor", f"{head.size} entries"):
        require(root == head.root, f"the chain holds another root at {head.size} entries", "anchor")
    return True


def _check_fresh(trail: Trail, head: Checkpoint, trust: LogTrust, cosigned: Sequence[int]) -> None:
    """Stale is a checkpoint of a shorter log than the auditor saw, or that no trusted witness cosigned lately: it proves the past."""
    if trust.seen is None and trust.not_before is None:
        trail.skip("log-fresh", "no --seen checkpoint and no --max-age was given")
        return
    with trail.step("log-fresh"):
        if trust.seen is not None:
            require(trust.seen.origin == head.origin, f"the checkpoint you saw is of {trust.seen.origin}", "seen", UnknownError)
            split = trust.seen.size == head.size and trust.seen.root != head.root
            require(not split, f"two histories: at {head.size} entries you saw another root", "seen")
            stale = f"stale: it is of {head.size} entries, you saw the log at {trust.seen.size}; ask for a newer proof"
            require(head.size >= trust.seen.size, stale, "note", StaleError)
        ahead = trust.not_after is not None and any(at > trust.not_after for at in cosigned)
        require(not ahead, "a witness you trust cosigned it at a time to come: its clock is wrong; ask it", "note", StaleError)
        if trust.not_before is not None:
            latest = max(cosigned, default=None)
            require(latest is not None, "no witness you trust says when: name one by --witness-key", "note", StaleError)
            stale = f"stale: no witness you trust cosigned it since {moment(trust.not_before)}; ask for a newer proof"
            require(latest is not None and latest >= trust.not_before, stale, "note", StaleError)


def _facts(entry: Entry, proof: TlogProof) -> dict[str, object]:
    return {
        "event": entry.event,
        "document": hex0x(entry.document),
        "digest": hex0x(entry.digest),
        "unit": hex0x(entry.unit),
        "sequence": entry.sequence,
        "index": proof.index,
        "log": proof.checkpoint.origin,
        "log_size": proof.checkpoint.size,
    }
