"""That a signer stood for a party, from the PartyRegistry's storage.

The chain checked each signature while its signer stood. A signer that was rotated or revoked since does not undo what it signed before, so
an ended standing passes and is said.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ledger.evidence.findings import UnknownError, require
from ledger.evidence.state import State
from ledger.protocol.quantities import hex0x
from ledger.protocol.slots import signer_slot, signer_standing

REGISTRY = "PartyRegistry"


def prove_signer(state: State, party: bytes, signer: bytes, by: int) -> list[str]:
    """Remarks on a signer that stood for the party since some moment up to `by` (Unix seconds).

    Raises:
        UnknownError: it never stood for the party.
        ProtocolError: it was registered only after that moment.
    """
    standing = signer_standing(state.word(REGISTRY, signer_slot(party, signer)))
    require(standing.since != 0, f"{hex0x(signer)[:20]}… never signed for party {hex0x(party)[:12]}…", "signer", UnknownError)
    require(standing.since <= by, f"{hex0x(signer)[:20]}… was registered only at {moment(standing.since)}", "signer")
    return [f"{hex0x(signer)[:12]}… stood until {moment(standing.until)}"] if standing.until else []


def moment(seconds: int) -> str:
    """A moment as UTC text; the number itself where no calendar reaches."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return str(seconds)
