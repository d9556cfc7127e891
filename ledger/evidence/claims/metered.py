"""That a meter is who it says, from the MeterRegistry's storage."""

from __future__ import annotations

from ledger.evidence.findings import UnknownError, require
from ledger.evidence.state import State
from ledger.protocol.quantities import hex0x
from ledger.protocol.slots import meter_slot
from ledger.protocol.typed_data import Meter, hash_struct

REGISTRY = "MeterRegistry"


def prove_meter(state: State, meter: Meter, start: int, end: int) -> None:
    """The meter is registered exactly so, and counts from `start` to `end`, Unix seconds.

    Raises:
        UnknownError: the registry has no such meter.
        ProtocolError: it is registered otherwise, or was not in service.
    """
    word = state.word(REGISTRY, meter_slot(meter.meter))
    require(word != 0, f"the registry has no meter {hex0x(meter.meter)}", "meter", UnknownError)
    require(word.to_bytes(32, "big") == hash_struct(meter), "the meter is registered with other data", "meter")
    require(meter.valid_from <= start and end <= meter.valid_to, "the meter was not in service then", "meter")
