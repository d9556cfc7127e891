"""What an entry of the log says, as bytes: pseudonyms, digests, an event and a time; nothing of a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ledger.errors import ProtocolError
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.quantities import check_bytes32, check_time, check_uint, hex0x, unhex

Event = Literal["sealed", "issued", "superseded", "terminated", "revoked", "erased"]
EVENTS: tuple[str, ...] = get_args(Event)
VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One event of a document.

    Attributes:
        unit: pseudonym of the utility's unit that keeps the document.
        sequence: number of the entry among the unit's own, from 0 without gaps.
        event: one of `EVENTS`.
        document, digest: the document's random id, and SHA-256 of its sealed file (of the file that carries the utility's seal when
            the event is that it was issued): either holds a secret code, so it cannot be guessed.
        time: when it was logged, Unix seconds by the log's own clock.
    """

    unit: bytes
    sequence: int
    event: str
    document: bytes
    digest: bytes
    time: int

    def to_bytes(self) -> bytes:
        """The bytes that are logged: canonical JSON.

        Raises:
            ProtocolError: a field is malformed.
        """
        if self.event not in EVENTS:
            raise ProtocolError(f"no such event {str(self.event)[:40]!r}", field="event", fix=f"give one of {', '.join(EVENTS)}")
        return canonical_json(
            {
                "digest": hex0x(check_bytes32(self.digest, "digest")),
                "document": hex0x(check_bytes32(self.document, "document")),
                "event": self.event,
                "sequence": check_uint(self.sequence, 53, "sequence"),
                "time": check_uint(check_time(self.time, "time"), 53, "time"),
                "unit": hex0x(check_bytes32(self.unit, "unit")),
                "version": VERSION,
            }
        )


def parse_entry(data: bytes) -> Entry:
    """The event behind logged bytes.

    Raises:
        ProtocolError: they are no entry, or not in the one form an entry has.
    """
    value: Any = parse_canonical(data)
    try:
        entry = Entry(
            unit=unhex(value["unit"], "unit", 32),
            sequence=value["sequence"],
            event=value["event"],
            document=unhex(value["document"], "document", 32),
            digest=unhex(value["digest"], "digest", 32),
            time=value["time"],
        )
        same = entry.to_bytes() == data
    except (KeyError, TypeError):
        same = False
    if not same:
        raise ProtocolError("not an entry of this log", field="entry", fix="give the bytes as the log holds them")
    return entry


def gaps(entries: Sequence[Entry]) -> list[str]:
    """What is wrong with the sequence numbers of entries in the order of the log; empty when every unit counts 0, 1, 2 …"""
    following: dict[bytes, int] = defaultdict(int)
    wrong = []
    for index, entry in enumerate(entries):
        if entry.sequence != following[entry.unit]:
            wrong.append(f"entry {index}: unit {hex0x(entry.unit)} counts {entry.sequence} where {following[entry.unit]} was due")
        following[entry.unit] = entry.sequence + 1
    return wrong
