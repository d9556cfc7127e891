"""Some terms of an agreement, and nothing else of it: each with its salt, the others as hashes that hide them.

The chain holds the agreement's hash, which holds the root of its terms. Whoever rebuilds that root from the shown terms and the hidden
hashes knows that the shown ones were agreed on, and how many are hidden at least: a hash may be a node over several. A hidden hash covers
a secret 32-byte salt, so trying values finds nothing (docs/decisions/disclosing-some-terms.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.evidence.claims.agreement import agreement_status, prove_agreement
from ledger.evidence.findings import Status, Trail, require
from ledger.evidence.state import State
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.leaves import TermLeaf
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import check_bytes32, check_text, hex0x
from ledger.protocol.typed_data import Agreement

TERMS_LIMIT = 1_000
"""No agreement has more terms."""


@dataclass(frozen=True)
class ShownTerm:
    """One field: its path, its canonical JSON value, and the salt that hid it."""

    path: str
    value: str
    salt: bytes


@dataclass(frozen=True)
class DisclosureClaim:
    """What is shown of an agreement.

    Attributes:
        agreement: the struct its parties signed; it names them by random ids.
        shown: in the order of their paths.
        hidden: the leaf hashes of all other terms, rising; nobody can tell from a hash whether it is one term's or a node's.
    """

    agreement: Agreement
    shown: tuple[ShownTerm, ...]
    hidden: tuple[bytes, ...]

    def check(self, trail: Trail, state: State, document: bytes) -> Status:
        """Makes every check; what fails ends it."""
        del document  # a disclosure has none
        with trail.step("recorded"):
            record = prove_agreement(state, self.agreement)
        with trail.step("terms") as remarks:
            self._check_terms()
            remarks.append(f"{len(self.shown)} shown, at least {len(self.hidden)} hidden")
        trail.facts.update(
            {
                "agreement": hex0x(self.agreement.id),
                "valid_from": record.valid_from,
                "valid_to": record.valid_to,
                "terms": {term.path: term.value for term in self.shown},
                "hidden_terms_at_least": len(self.hidden),
            }
        )
        trail.unchecked += ["meaning", "hidden-terms", "signatures-at-record"]
        return agreement_status(record, state.timestamp)

    def _check_terms(self) -> None:
        require(0 < len(self.shown) + len(self.hidden) <= TERMS_LIMIT, "no terms, or too many", "claim.shown")
        paths = [term.path for term in self.shown]
        require(paths == sorted(set(paths)), "terms are not in the order of their paths, each once", "claim.shown")
        require(list(self.hidden) == sorted(set(self.hidden)), "hashes are not rising, each once", "claim.hidden")
        leaves = [check_bytes32(one, "claim.hidden") for one in self.hidden]
        for term in self.shown:
            parse_canonical(check_text(term.value, "claim.shown"))
            leaves.append(TermLeaf(self.agreement.id, term.path, term.value, term.salt).leaf_hash())
        require(merkle_root(leaves) == self.agreement.terms_root, "not the terms that were signed", "claim.shown")
