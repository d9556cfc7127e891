"""An evidence package from the ledger: the issued file, its proof by the chain, and its events' proofs by the log."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from asn1crypto import pem, x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Block, Gateway
from ledger.errors import InputError, NotFoundError
from ledger.evidence.build import agreement_bundle, contracts_of
from ledger.evidence.package import Parts, build_package
from ledger.evidence.roots import roots_here
from ledger.evidence.trust import Contracts
from ledger.note_keys import load_note_key
from ledger.protocol.checkpoint import NoteKey
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import TlogProof
from ledger.sealing.queries import issued_file
from ledger.settings import Settings
from ledger.signing.queries import approvals_of
from ledger.transparency.model import LogEntry
from ledger.transparency.queries import latest_checkpoint, origin_of, portable_proof
from ledger.transparency.rules import EVENTS


def agreement_package(
    session: Session,
    gateway: Gateway,
    store: DocumentStore,
    agreement: AgreementRow,
    *,
    roots: Sequence[x509.Certificate],
    keys: Sequence[NoteKey],
    block: Block | None = None,
) -> bytes:
    """The package of an issued agreement.

    Args:
        roots: certificates the utility's signatures lead to.
        keys: published keys of the log and of its witnesses.
        block: as for `build.agreement_bundle`.

    Raises:
        NotFoundError: it was not issued yet, its file is gone, or no checkpoint covers an event of it.
        RuleError, ChainError, UnavailableError: as `build.agreement_bundle` and `package.build_package`.
    """
    parts = Parts(
        issued=issued_file(session, store, agreement.id),
        bundle=agreement_bundle(session, gateway, store, agreement, block=block),
        record=record_of(contracts_of(gateway)),
        roots=b"".join(pem.armor("CERTIFICATE", root.dump()) for root in roots),
        proofs=proofs_of(session, agreement),
        keys=keys,
        evidence=tuple(one.evidence_json for one in approvals_of(session, agreement.id) if one.evidence_json is not None),
    )
    return build_package(parts)


def package_here(settings: Settings, session: Session, gateway: Gateway, agreement: AgreementRow, keys: Sequence[NoteKey] = ()) -> bytes:
    """The package with this installation's own roots and the key of its own log, beside the keys that are given.

    Raises:
        InputError: no roots are configured.
        NotFoundError, RuleError, ChainError, UnavailableError: as `agreement_package`.
    """
    roots, own = roots_here(settings), settings.state_dir / "log.key"
    if roots is None:
        raise InputError("no root certificate is configured", field="SONANG_SEAL_TRUST_ROOTS", fix="name the PEM file with the roots")
    if not any(key.name == origin_of(gateway.deployment) for key in keys) and own.is_file():
        keys = [load_note_key(own, origin_of(gateway.deployment)).key(), *keys]
    return agreement_package(session, gateway, DocumentStore.of(settings), agreement, roots=roots, keys=keys)


def proofs_of(session: Session, agreement: AgreementRow) -> dict[str, TlogProof]:
    """The log's proof of every event of an agreement that the latest checkpoint covers, by the event.

    Raises:
        NotFoundError: it covers none.
    """
    size = latest_checkpoint(session).size
    covered = select(LogEntry).where(LogEntry.document == agreement.id, LogEntry.index < size)
    found = {entry.event: portable_proof(session, entry) for entry in session.scalars(covered)}
    if not found:
        raise NotFoundError("no checkpoint covers an event of this agreement yet", field="log", fix="run `sonang checkpoint`")
    return {event: found[event] for event in EVENTS if event in found}


def record_of(contracts: Contracts) -> bytes:
    """The deployment record as far as a verifier needs it."""
    listed = {
        name: {"address": hex0x(address), "code_hash": hex0x(contracts.code_hashes[name])}
        for name, address in contracts.addresses.items()
        if name in contracts.code_hashes
    }
    return orjson.dumps({"chain_id": contracts.chain_id, "contracts": listed}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
