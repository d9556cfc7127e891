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


def check_entries(raw: Sequence[bytes], elsewhere: Elsewhere) -> Iterator[Finding]:
    entries: list[Entry] = []
    wrong = []
    for index, data in enumerate(raw):
        try:
            entries.append(parse_entry(data))
        except ProtocolError as problem:
            wrong.append(f"entry {index}: {problem.problem}")
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
    missing = list(_beyond(said, elsewhere))
    for document, event, digest in elsewhere.documents:
        found = said.get((document, event))
        if found is None:
            missing.append(f"the chain says {hex0x(document)} was {event}, the log does not")
        elif digest is not None and found.digest != digest:
            missing.append(f"the chain has another sealed digest of {hex0x(document)}")
    yield from told("documents", missing, f"all {len(elsewhere.documents)} document events of the chain are in the log")


def _beyond(said: Mapping[tuple[bytes, str], Entry], elsewhere: Elsewhere) -> Iterator[str]:
    """Ends the log says of documents the chain has, and the chain does not say."""
    on_chain = {(document, event) for document, event, _ in elsewhere.documents}
    recorded = {document for document, _ in on_chain}
    for document, event in said:
        if event in ENDS and document in recorded and (document, event) not in on_chain:
            yield f"the log says {hex0x(document)} was {event}, the chain does not"
