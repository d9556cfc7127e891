"""What is known of a file somebody holds, asked of a node and of the ledger: verification for who trusts this installation's node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.incremental import split
from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import read_sealed
from ledger.chain.gateway import Gateway
from ledger.evidence.accounts import with_accounts
from ledger.evidence.build import Examined, LiveState, contracts_of, examine, provable_block
from ledger.evidence.bundle import parse_bundle, read_members
from ledger.evidence.claims.agreement import REGISTRY, AgreementClaim, agreement_status, prove_agreement
from ledger.evidence.claims.logged import ERASED
from ledger.evidence.claims.standings import moment
from ledger.evidence.findings import Answer, Check, Report, Result, SeenBlock, StoppedError, Trail, UnknownError
from ledger.evidence.presented import Presented, length_with, present, with_seals
from ledger.evidence.sealer import ExpectedSeal
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.life.model import Erasure
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.slots import agreement_slots
from ledger.sealing.model import IssueJob

if TYPE_CHECKING:
    from asn1crypto import x509

_BEGINNING = b"%PDF-"
_FIX = "bring its bundle too: that names what was changed; or ask the installation that issued it, for another one may hold it"


def verify_document(
    session: Session | None,
    gateway: Gateway,
    document: bytes,
    trust_roots: Sequence[x509.Certificate] | None = None,
    *,
    sealed_by: ExpectedSeal | None = None,
) -> Examined:
    """What the gateway's node says of a sealed or issued PDF, and the ledger of who issued it.

    Args:
        session: a ledger that may recognise a damaged file; None when there is none at hand.
        trust_roots: what the signatures of an issued file must lead to; None checks only that they changed nothing else.
        sealed_by: whose seal it must be.

    Raises:
        ChainError, UnavailableError: the node does not answer, or keeps no provable state.
    """
    presented = present(document)
    found = _verify_sealed(session, gateway, presented.sealed)
    sealed = with_accounts(found.report, found.bundle, gateway.ask)
    report = issued_here(session, with_seals(sealed, presented, trust_roots, sealed_by=sealed_by), presented)
    return Examined(_erased(session, report), found.bundle if report.answer == found.report.answer else None)


def _verify_sealed(session: Session | None, gateway: Gateway, document: bytes) -> Examined:
    if is_whole(document):
        return examine(gateway, AgreementClaim(), document)
    trail = Trail()
    try:
        with trail.step("known"):
            known = _known_agreement(session, gateway, document)
            if known is None:
                raise UnknownError("neither the ledger nor the chain knows an agreement of this file", field="document", fix=_FIX)
        with trail.step("document"):
            read_sealed(document)
        raise AssertionError("unreachable: the document was not whole")
    except StoppedError as stopped:
        kind = None if stopped.answer == Answer.UNRECOGNISED else "agreement"
        return Examined(Report(stopped.answer, kind, None, None, tuple(trail.checks), trail.facts, ()), None)


def _erased(session: Session | None, report: Report) -> Report:
    """Adds that this installation erased its own copy, and the record of that, to what is said of a document."""
    named, status = report.facts.get("agreement"), report.status
    if session is None or status is None or not isinstance(named, str):
        return report
    erasure = session.get(Erasure, unhex(named, "agreement", 32))
    if erasure is None:
        return report
    facts = {**report.facts, "erasure": erasure.record.decode()}
    return replace(report, status=replace(status, remarks=(*status.remarks, ERASED)), facts=facts)


def issued_here(session: Session | None, report: Report, presented: Presented) -> Report:
    """Adds whether this installation issued that very file, or an earlier state of it that was only stamped further since.

    Where it did, that answers whose seal it is, also for an installation that was told no root.
    """
    named = report.facts.get("agreement")
    if session is None or not presented.issued or not isinstance(named, str) or report.failed is not None:
        return report
    job = session.get(IssueJob, unhex(named, "agreement", 32))
    if job is None or job.issued_digest is None:
        return report
    if length_with(job.issued_digest, presented):
        known = report.status.answer if report.status is not None and report.answer == Answer.UNANCHORED else report.answer
        return replace(report, answer=known, checks=(*report.checks, Check("issued-here", Result.PASSED)))
    wrong = Check(
        "issued-here", Result.FAILED, "another file of this agreement was issued here: somebody else put signatures on its sealed part"
    )
    return replace(report, answer=Answer.ALTERED, checks=(*report.checks, wrong))


def is_whole(document: bytes) -> bool:
    """Whether a file is, or begins with, a sealed agreement: base, terms and seal together."""
    try:
        read_sealed(present(document).sealed)
    except ProtocolError:
        return False
    return True


def verify_against_node(gateway: Gateway, bundle: bytes, document: bytes | None = None) -> Report:
    """A bundle, for who trusts the node: its block's hash is the one the node has at that height.

    Raises:
        NotFoundError: the node does not have the bundle's block.
        ChainError, UnavailableError: it does not answer, or keeps no provable state.
    """
    seen = verify_bundle(bundle, Trust()).block
    trusted = None if seen is None else gateway.block(seen.number).hash
    return with_accounts(verify_bundle(bundle, Trust(trusted, contracts_of(gateway)), document), bundle, gateway.ask)


def verify_proven(
    session: Session | None,
    gateway: Gateway,
    bundle: bytes,
    presented: Presented | None,
    trust_roots: Sequence[x509.Certificate] | None,
    *,
    sealed_by: ExpectedSeal | None,
) -> Report:
    """A bundle, with its document or alone, for who trusts the node, and what has become of the agreement in it since its block.

    Args:
        session: the ledger of who may have issued it; None when there is none at hand.
        trust_roots, sealed_by: as for `verify_document`.

    Raises:
        NotFoundError, ChainError, UnavailableError: as `verify_against_node`.
    """
    report = verify_against_node(gateway, bundle, None if presented is None else presented.sealed)
    report = _as_it_stands(gateway, report, bundle)
    if presented is None:
        return _erased(session, report)
    sealed = with_seals(report, presented, trust_roots, sealed_by=sealed_by)
    return _erased(session, issued_here(session, sealed, presented))


def _as_it_stands(gateway: Gateway, report: Report, bundle: bytes) -> Report:
    """An agreement's report with its state at the node's newest provable block, where that is a later one: it may have ended since."""
    block = provable_block(gateway)
    if report.kind != "agreement" or report.status is None or report.block is None or block.number <= report.block.number:
        return report
    agreement = read_sealed(parse_bundle(read_members(bundle)).document).content.agreement
    state, trail = LiveState(gateway, contracts_of(gateway), block), Trail()
    try:
        with trail.step("present", f"{block.number}, {moment(block.timestamp)}; the bundle is of block {report.block.number}"):
            now = agreement_status(prove_agreement(state, agreement), block.timestamp)
    except StoppedError as stopped:
        return replace(report, answer=stopped.answer, status=None, checks=(*report.checks, *trail.checks))
    status, answer = replace(now, remarks=report.status.remarks), now.answer
    seen = SeenBlock(block.number, block.hash, block.timestamp)
    return replace(report, answer=answer, status=status, checks=(*report.checks, *trail.checks), block=seen)


def _known_agreement(session: Session | None, gateway: Gateway, document: bytes) -> bytes | None:
    """The agreement a damaged file was: named in its seal and on chain, or known to the ledger by its unsigned part."""
    named = _named_agreement(document)
    if named is not None:
        address = hex0x(gateway.deployment.address(REGISTRY))
        if int(gateway.ask("eth_getStorageAt", address, hex0x(agreement_slots(named)[0]), "latest"), 16):
            return named
    return None if session is None else _by_base(session, document)


def _named_agreement(document: bytes) -> bytes | None:
    """The agreement a seal names, whatever became of the rest of the file."""
    try:
        content = parse_canonical(split(_BEGINNING + document[len(_BEGINNING) :])[1])
        return unhex(content["agreement"]["id"], "agreement.id", 32)
    except (ProtocolError, KeyError, TypeError):
        return None


def _by_base(session: Session, document: bytes) -> bytes | None:
    """The agreement whose unsigned document begins this file."""
    lengths = session.scalars(select(AgreementRow.base_length).where(AgreementRow.base_length <= len(document)).distinct())
    digests = [sha256(document[:length]).digest() for length in lengths]
    return session.scalars(select(AgreementRow.id).where(AgreementRow.base_digest.in_(digests)).limit(1)).one_or_none()
