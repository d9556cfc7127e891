"""Showing some terms of an agreement: made from the bundle of that agreement, by whoever holds it, without a network or a database."""

from __future__ import annotations

from collections.abc import Collection

from ledger.agreements.sealed import SealedContent, read_sealed
from ledger.errors import InputError
from ledger.evidence.bundle import Bundle, ContractProof, parse_bundle, read_members, write_bundle
from ledger.evidence.claims.agreement import REGISTRY
from ledger.evidence.claims.disclosure import DisclosureClaim, ShownTerm
from ledger.evidence.trust import VERIFIERS
from ledger.protocol.slots import agreement_slots

KIND = "disclosure"


def disclose(bundle: bytes, paths: Collection[str]) -> bytes:
    """The bundle that proves some terms of an agreement, of the same block, and holds nothing else of it.

    Args:
        bundle: of the agreement, its document included.
        paths: of the terms to show, such as `customer.name`.

    Raises:
        InputError: no path is given, or the agreement has no such term.
        ProtocolError: not the bundle of an agreement, or its document is not whole.
    """
    given = parse_bundle(read_members(bundle))
    if given.kind != "agreement":
        raise InputError(f"a bundle of a {given.kind}", field="bundle", fix="give the bundle of an agreement")
    content = read_sealed(given.document).content
    wanted = set(agreement_slots(content.agreement.id))
    proof = given.proofs[REGISTRY]
    storage = {slot: nodes for slot, nodes in proof.storage.items() if slot in wanted}
    contracts = {name: address for name, address in given.contracts.items() if name == REGISTRY or name in VERIFIERS}
    proofs = {REGISTRY: ContractProof(proof.account, storage)}
    return write_bundle(Bundle(KIND, given.chain_id, contracts, given.header, proofs, claim_of(content, paths)))


def claim_of(content: SealedContent, paths: Collection[str]) -> DisclosureClaim:
    """What is claimed when some terms are shown; errors as `disclose`."""
    known = {leaf.path for leaf in content.terms}
    missing = sorted(set(paths) - known)
    if missing or not paths:
        problem = f"the agreement has no term {missing[0]!r}" if missing else "no term is named"
        raise InputError(problem, field="terms", fix=f"name some of {', '.join(sorted(known))}")
    shown = [ShownTerm(leaf.path, leaf.value, leaf.salt) for leaf in content.terms if leaf.path in paths]
    hidden = sorted(leaf.leaf_hash() for leaf in content.terms if leaf.path not in paths)
    return DisclosureClaim(content.agreement, tuple(shown), tuple(hidden))
