"""What claims are checked against: words in contracts' storage at one block, however they are come by.

An auditor's words are proven by a bundle; the builder's are read from a node while it notes which ones a bundle must prove. The checks are
the same code, so a bundle proves exactly what its verification asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.evidence.trust import Contracts
from ledger.protocol.chain_proof import verify_storage
from ledger.protocol.errors import ProtocolError


class State(Protocol):
    """Contracts' storage at a block."""

    @property
    def contracts(self) -> Contracts:
        """Whose storage it is."""

    @property
    def timestamp(self) -> int:
        """The block's time, Unix seconds."""

    def word(self, contract: str, slot: bytes) -> int:
        """The word in a slot, 0 when it was never written.

        Raises:
            ProtocolError: it is not known.
        """


def words(state: State, contract: str, slots: Sequence[bytes]) -> list[int]:
    """The words in several slots; errors as `State.word`."""
    return [state.word(contract, slot) for slot in slots]


@dataclass
class ProvenState:
    """Storage as a bundle proves it; every word is proven when made, and `finish` tells whether all were used."""

    contracts: Contracts
    timestamp: int
    proven: Mapping[tuple[str, bytes], int]
    used: set[tuple[str, bytes]] = field(default_factory=set)

    def word(self, contract: str, slot: bytes) -> int:
        """The proven word.

        Raises:
            ProtocolError: the bundle does not prove this slot.
        """
        self.used.add((contract, slot))
        try:
            return self.proven[contract, slot]
        except KeyError:
            raise ProtocolError(
                f"no proof of slot 0x{slot.hex()}", field=f"proofs.{contract}", fix="the claim or the proof was changed"
            ) from None

    def finish(self) -> None:
        """Raises ProtocolError when a proof was not used."""
        for contract, slot in self.proven:
            if (contract, slot) not in self.used:
                raise ProtocolError(f"slot 0x{slot.hex()} is proven for nothing", field=f"proofs.{contract}", fix="nothing may be added")


def prove_words(contract: str, storage_root: bytes, storage: Mapping[bytes, Sequence[bytes]]) -> dict[tuple[str, bytes], int]:
    """The words of one contract.

    Raises:
        ProtocolError: the first proof that does not hold.
    """
    found = {}
    for slot, proof in storage.items():
        try:
            found[contract, slot] = verify_storage(storage_root, slot, proof)
        except ProtocolError as wrong:
            raise ProtocolError(wrong.problem, field=f"proofs.{contract}.storage.0x{slot.hex()[:16]}…", fix=wrong.fix) from None
    return found
