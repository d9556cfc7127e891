"""What the entries of a copy say, held against each other and against the documents' events on chain: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x
from ledger.transparency.findings import Finding, told
from ledger.transparency.known import Elsewhere
from ledger.transparency.rules import Entry, gaps, parse_entry

ENDS = frozenset({"superseded", "terminated", "revoked"})
"""Events that end a document; only the chain says them of a document it has."""
GIVEN_UP = "revoked"
"""The one end the log says alone: of a sealed document whose record the chain refused."""


def read_entries(raw: Sequence[bytes]) -> list[Entry | str]:
    """Each entry, or why it is none."""

    def one(data: bytes) -> Entry | str:
        try:
            return parse_entry(data)
        except ProtocolError as wrong:
            return wrong.problem

    return [one(data) for data in raw]


def check_entries(read: Sequence[Entry | str], elsewhere: Elsewhere) -> Iterator[Finding]:
    """Their form, their numbers, and what they say of documents."""
    entries = [one for one in read if isinstance(one, Entry)]
    wrong = [f"entry {index}: {one}" for index, one in enumerate(read) if isinstance(one, str)]
    yield from told("entries", wrong, f"{len(entries)} entries are in their one form")
    units = len({entry.unit for entry in entries})
    yield from told("sequence", gaps(entries), f"no number is missing in {units} unit(s)")
    said: dict[tuple[bytes, str], Entry] = {}
    twice = []
    for entry in entries:
        if (entry.document, entry.event) in said:
            twice.append(f"{hex0x(entry.document)} was {entry.event} twice")
        said[entry.document, entry.event] = entry
    yield from told("events", twice, "no event is logged twice")
    early = [document for document, event in said if event == "erased" and document in elsewhere.in_force]
    missing = [f"the log says {hex0x(document)} was erased, by the chain it is in force" for document in early]
    missing += [*_beyond(said, elsewhere), *_lives(said)]
    for document, event, digest in elsewhere.documents:
        found = said.get((document, event))
        if found is None:
            missing.append(f"the chain says {hex0x(document)} was {event}, the log does not")
        elif digest is not None and found.digest != digest:
            missing.append(f"the chain has another sealed digest of {hex0x(document)}")
    yield from told("documents", missing, f"all {len(elsewhere.documents)} document events of the chain are in the log")


def _beyond(said: Mapping[tuple[bytes, str], Entry], elsewhere: Elsewhere) -> Iterator[str]:
    """Ends the log says and the chain does not: of documents the chain has, and of those it never had but those given up."""
    on_chain = {(document, event) for document, event, _ in elsewhere.documents}
    recorded = {document for document, _ in on_chain}
    for document, event in said:
        if event not in ENDS or (document, event) in on_chain:
            continue
        if document in recorded:
            yield f"the log says {hex0x(document)} was {event}, the chain does not"
        elif event != GIVEN_UP:
            yield f"the log says {hex0x(document)} was {event}, the chain never recorded it"


def _lives(said: Mapping[tuple[bytes, str], Entry]) -> Iterator[str]:
    """Events of documents nobody sealed, and ends under another digest than the file's: who looks a file up would not find its end."""
    for (document, event), entry in said.items():
        sealed = said.get((document, "sealed"))
        if sealed is None:
            yield f"the log says {hex0x(document)} was {event}, not that it was sealed"
        elif event in ENDS and entry.digest != sealed.digest:
            yield f"the log says {hex0x(document)} was {event} under another digest than the file was sealed with"
