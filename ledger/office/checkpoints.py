"""Signing the log, asking the witnesses, queueing the anchor: once, for whoever does it by hand or by the clock."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.heard import log_what_was_heard
from ledger.chain.gateway import Gateway
from ledger.errors import SonangError
from ledger.office.signed_before import CHAIN, LastSigned, signed_before
from ledger.protocol.checkpoint import NoteSigner, parse_note
from ledger.transparency.before import SignedBefore
from ledger.transparency.commands import add_cosignature, anchor_checkpoint, sign_checkpoint
from ledger.transparency.model import LogCheckpoint
from ledger.transparency.queries import consistency
from ledger.witness.client import WitnessClient
from ledger.witness.errors import WitnessError


@dataclass(frozen=True)
class Published:
    """A checkpoint and what became of it.

    Attributes:
        size, root, note: the checkpoint, with every cosignature.
        cosigned: names of the witnesses that cosigned; `trouble` is what the others said.
        enough: whether as many witnesses cosigned as were to.
        anchored: whether the chain holds its size and root already.
    """

    size: int
    root: bytes
    note: bytes
    cosigned: tuple[str, ...]
    trouble: tuple[str, ...]
    enough: bool
    anchored: bool

    @property
    def queued(self) -> bool:
        """Whether its size and root are on their way to the chain."""
        return self.enough and not self.anchored


def publish_checkpoint(
    sessions: sessionmaker[Session],
    gateway: Gateway,
    signer: NoteSigner,
    last: LastSigned,
    witnesses: Sequence[str],
    *,
    at_least: int | None = None,
) -> Published:
    """Signs the log as it stands; queued for the chain only when enough witnesses cosigned and the chain does not hold it already.

    Again with nothing new, it changes nothing.

    What is signed continues what the chain, the file beside the key and every witness that answers hold.

    Args:
        last: what the key signed last.
        witnesses: their addresses; the same one again is named once.
        at_least: how many must cosign; all when not given. Keys are counted: a witness at two addresses is one.

    Raises:
        NotFoundError: the log is empty.
        RuleError: the entries do not continue what was signed before; nothing is signed.
        UnavailableError: the chain does not answer; nothing is signed.
        KeyFileError: what was signed last cannot be read or written; nothing is signed.
    """
    urls = list(dict.fromkeys(url.rstrip("/") for url in witnesses))
    with sessions.begin() as session:
        log_what_was_heard(session)  # committed before it is signed: an entry that was signed must be there after a crash
    before = signed_before(gateway, signer.key(), last, urls)
    size = _signed(sessions, signer, last, before)
    with sessions.begin() as session:
        row = session.get_one(LogCheckpoint, size)
        cosigned, trouble = _cosigned(session, row, urls)
        enough = len(cosigned) >= (len(urls) if at_least is None else at_least)
        known = any((one.where, one.size, one.root) == (CHAIN, row.size, row.root) for one in before)
        if enough and not known:
            anchor_checkpoint(session, gateway.calls, row)
        return Published(row.size, row.root, row.note, tuple(cosigned), tuple(trouble), enough, known)


def _signed(sessions: sessionmaker[Session], signer: NoteSigner, last: LastSigned, before: Sequence[SignedBefore]) -> int:
    """Signs; the signature is on disk beside the key before anybody has it. Returns the size."""
    with sessions.begin() as session:
        row = sign_checkpoint(session, signer, before)
        last.keep(row.note)
        return row.size


def _cosigned(session: Session, row: LogCheckpoint, urls: Sequence[str]) -> tuple[list[str], list[str]]:
    cosigned, trouble = dict[bytes, tuple[str, str]](), []
    for url in urls:
        try:
            with contextlib.closing(WitnessClient(url)) as client:
                known = client.key()
                if known.public in cosigned:
                    name, before = cosigned[known.public]
                    raise WitnessError(f"is {name}, asked already at {before}", field=url, fix="name another witness, or leave it out")
                for signature in client.cosign(parse_note(row.note), partial(_prove, session, row.size)):
                    add_cosignature(session, row, known, signature)
                cosigned[known.public] = (known.name, url)
        except SonangError as wrong:
            trouble.append(str(wrong))
    return [name for name, _ in cosigned.values()], trouble


def _prove(session: Session, new: int, old: int) -> tuple[bytes, ...]:
    return consistency(session, old, new)
