"""The rule of a witness: a checkpoint is cosigned when its log signed it and it continues the last one cosigned; otherwise never."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.protocol.checkpoint import (
    WITNESS,
    Checkpoint,
    Note,
    NoteKey,
    NoteSignature,
    NoteSigner,
    parse_checkpoint,
    parse_note,
    parse_number,
    unbase64,
)
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import PROOF_LIMIT, verify_consistency
from ledger.witness.errors import ForkError, StaleError, StateError, UnknownLogError, UnsignedError
from ledger.witness.memory import Memory


@dataclass(frozen=True)
class Request:
    """A request to cosign: the size the requester believes was cosigned last (0: none), the proof from there, the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """The body of `POST /add-checkpoint`."""
        lines = [f"old {self.old}", *(b64encode(each).decode() for each in self.proof)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note.to_bytes()


def parse_request(body: bytes) -> Request:
    """The request behind a body.

    Raises:
        ProtocolError: it is none.
    """
    head, found, note = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = []
    if not found or not lines or not lines[0].startswith("old ") or len(lines) > 1 + PROOF_LIMIT:
        raise ProtocolError("not a request to cosign", field="body", fix="give the old size, a proof, an empty line and the checkpoint")
    return Request(parse_number(lines[0][4:], "old"), tuple(unbase64(line, "proof") for line in lines[1:]), parse_note(note))


@dataclass(frozen=True)
class Refusal:
    """A checkpoint its log signed that does not follow what was cosigned.

    Attributes:
        head, cosigned: what was refused, and what this witness had cosigned of that log last.
        kept: the file it is in; None when it could not be written, and `problem` says why.
    """

    head: Checkpoint
    cosigned: Checkpoint
    kept: Path | None
    problem: str = ""


def _nobody(_: Refusal) -> None:
    """Tells nobody."""


class Witness:
    """One witness.

    Args:
        signer: its key and name.
        logs: the published keys of the logs it watches, by origin.
        memory: what it signed before.
        now: the time, Unix seconds.
        tell: told of each refused checkpoint that may be evidence of two histories, once.

    Raises:
        StateError: what it remembers of a log cannot be read, or is not what that log and this witness signed.
    """

    def __init__(
        self,
        signer: NoteSigner,
        logs: Sequence[NoteKey],
        memory: Memory,
        now: Callable[[], int],
        tell: Callable[[Refusal], None] = _nobody,
    ) -> None:
        self.signer = signer
        self.logs: Mapping[str, NoteKey] = {key.name: key for key in logs}
        self._memory = memory
        self._now = now
        self._tell = tell
        for origin in self.logs:
            self._last(origin)

    def cosign(self, request: Request) -> NoteSignature:
        """Cosigns a checkpoint.

        Raises:
            UnknownLogError, UnsignedError: not a log it watches, or not signed by its key.
            StaleError: the request does not start at the last checkpoint cosigned.
            ForkError: the log does not continue that.
            ProtocolError: the checkpoint is malformed or smaller than the old size.
            StateError: the memory cannot be used.
        """
        head = parse_checkpoint(request.note.text)
        key = self._key(head.origin)
        if not key.signed(request.note):
            raise UnsignedError(f"not signed by {key.key_id.hex()}", field="checkpoint", fix="sign it with the log's published key")
        if head.size == 0:
            raise ProtocolError("an empty log proves nothing", field="checkpoint", fix="give a checkpoint of at least one entry")
        if head.size < request.old:
            raise ProtocolError(f"old size {request.old} above {head.size}", field="old", fix="give a size up to the checkpoint's")
        before = self._last(head.origin)
        logs_own = tuple(one for one in request.note.signatures if (one.name, one.key_id) == (key.name, key.key_id))
        if before is None:
            _check_first(request)
        else:
            self._follow(head, request, before, Note(request.note.text, logs_own))
        signature = self.signer.cosign(request.note.text, self._now())
        self._memory.keep(head.origin, Note(request.note.text, (*logs_own, signature)))
        return signature

    def seen(self, origin: str) -> Note | None:
        """The last checkpoint it cosigned of a log, with both signatures; None when it cosigned none.

        Raises:
            UnknownLogError: not a log it watches.
            StateError: the memory cannot be used.
        """
        self._key(origin)
        return self._last(origin)

    def _last(self, origin: str) -> Note | None:
        """What it remembers of a log, with its own cosignature still good: a memory somebody wrote is worse than none."""
        note = self._memory.last(origin)
        if note is not None and not (self.logs[origin].signed(note) and self.signer.key(WITNESS).cosigned_at(note) is not None):
            fix = "restore it from a backup; where the log's or the witness's key was changed on purpose, name another folder"
            raise StateError("the witness's memory is not what the log and this witness signed", field=self._memory.where(origin), fix=fix)
        return note

    def _key(self, origin: str) -> NoteKey:
        key = self.logs.get(origin)
        if key is None:
            raise UnknownLogError("not a log this witness watches", field="origin", fix="start the witness with the log's published key")
        return key

    def _follow(self, head: Checkpoint, request: Request, before: Note, bare: Note) -> None:
        """Raises unless it continues the last one cosigned; what the log signed and cannot be shown to do so is kept and told."""
        last = parse_checkpoint(before.text)
        forked = last.size == head.size and last.root != head.root
        try:
            _check_next(head, request, last)
        except ForkError:
            forked = True
            raise
        finally:
            if forked:
                self._keep_refused(head, bare, before)

    def _keep_refused(self, head: Checkpoint, bare: Note, before: Note) -> None:
        cosigned = parse_checkpoint(before.text)
        try:
            path = self._memory.keep_refused(head, bare, before)
        except StateError as wrong:  # the refusal stands; that nothing is kept of it is told
            self._tell(Refusal(head, cosigned, None, f"{wrong.field}: {wrong.problem}"))
        else:
            if path is not None:
                self._tell(Refusal(head, cosigned, path))


def _check_first(request: Request) -> None:
    if request.old != 0:
        raise StaleError(f"the last checkpoint cosigned has size 0, not {request.old}", 0)
    if request.proof:
        raise ForkError("nothing leads from an empty log", field="proof", fix="give no proof with old size 0")


def _check_next(head: Checkpoint, request: Request, last: Checkpoint) -> None:
    if request.old != last.size:
        raise StaleError(f"the last checkpoint cosigned has size {last.size}, not {request.old}", last.size)
    if last.size == head.size and last.root != head.root:
        raise StaleError(f"another root was cosigned at size {last.size}", last.size)
    if not verify_consistency(last.root, last.size, head.root, head.size, request.proof):
        fix = "give the consistency proof; if there is none, the log shows two histories"
        raise ForkError(f"the log does not continue the one cosigned at {last.size}", field="proof", fix=fix)
