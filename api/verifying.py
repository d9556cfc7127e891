"""Verification of an uploaded file: from a package or bundle and a block hash the caller trusts, else against this installation's node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile

from api.deps import Parts
from ledger.chain.deployment import deployment_path
from ledger.errors import InputError, ProtocolError
from ledger.evidence.bundle import chain_id_of
from ledger.evidence.claims.logged import LogTrust, is_log_proof, verify_log_proof
from ledger.evidence.container import SIZE_LIMIT, is_bundle
from ledger.evidence.documents import verify_document, verify_proven
from ledger.evidence.findings import Report
from ledger.evidence.packaged import with_package
from ledger.evidence.presented import damaged_package, open_package, present, with_seals
from ledger.evidence.roots import roots_here, sealed_by_here
from ledger.evidence.trust import Contracts, Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import unhex

__all__ = ["BundleUpload", "FileUpload", "TrustBlock", "Verdict", "verdict_on"]

FileUpload = Annotated[UploadFile, File(description="A sealed or issued agreement (PDF), an evidence package or bundle, or a .tlog-proof.")]
BundleUpload = Annotated[UploadFile | None, File(description="The bundle that proves the document, when the file is one.")]
TrustBlock = Annotated[
    str, Form(description="Hash of the block you trust, from your own node, a regulator or a printed page; empty to trust this node.")
]


@dataclass(frozen=True)
class Verdict:
    """What was found, and whom the answer trusts for the block."""

    report: Report
    trusted: Literal["given", "node"]


def verdict_on(parts: Parts, file: UploadFile, bundle: UploadFile | None, trust_block: str) -> Verdict:
    """Verifies an upload; what is wrong with it is an answer, not an error.

    Raises:
        InputError: the file is empty or too large, or a document came with a block hash and without its bundle.
        ProtocolError: the block hash is no hash.
        UnavailableError, ChainError, NotFoundError: the node is asked and does not answer, or does not have the block.
    """
    block_hash = unhex(trust_block.strip(), "trust_block", 32) if trust_block.strip() else None
    first, second = _content(file, "file"), None if bundle is None or not bundle.size else _content(bundle, "bundle")
    if is_log_proof(first):
        return _on_the_log(parts, first)
    try:
        packed = None if second is not None else open_package(first)
    except ProtocolError as wrong:
        return Verdict(damaged_package(wrong), "node" if block_hash is None else "given")
    if packed is not None:
        found = _on_the_chain(parts, *packed, block_hash)
        return Verdict(with_package(found.report, first), found.trusted)
    document, proof = (None, first) if second is None and is_bundle(first) else (first, second)
    return _on_the_chain(parts, document, proof, block_hash)


def _on_the_chain(parts: Parts, document: bytes | None, proof: bytes | None, block_hash: bytes | None) -> Verdict:
    """A document, a bundle, or both: by the block the caller trusts, else by this installation's node and ledger."""
    presented = None if document is None else present(document)
    roots, sealed_by = roots_here(parts.settings), sealed_by_here(parts.settings)
    if block_hash is not None:
        if proof is None:
            raise InputError("a document needs its bundle to be checked against a block", field="bundle", fix="add the bundle")
        report = verify_bundle(proof, Trust(block_hash, _published(parts, proof)), None if presented is None else presented.sealed)
        return Verdict(report if presented is None else with_seals(report, presented, roots, sealed_by=sealed_by), "given")
    gateway = parts.gateway()
    with parts.sessions()() as session:
        if proof is not None:
            return Verdict(verify_proven(session, gateway, proof, presented, roots, sealed_by=sealed_by), "node")
        return Verdict(verify_document(session, gateway, document or b"", roots, sealed_by=sealed_by).report, "node")


def _on_the_log(parts: Parts, proof: bytes) -> Verdict:
    """A proof of the log, for who trusts this installation's node: the chain holds the root it leads to."""
    gateway = parts.gateway()
    trust = LogTrust(anchored_root=lambda size: bytes(gateway.call("DocumentLog", "rootOf", size)))
    return Verdict(verify_log_proof(proof, trust), "node")


def _content(upload: UploadFile, field: str) -> bytes:
    content = upload.file.read(SIZE_LIMIT + 1)
    if not content:
        raise InputError("the file is empty", field=field, fix="choose an agreement, an evidence package or a bundle")
    if len(content) > SIZE_LIMIT:
        raise InputError(f"more than {SIZE_LIMIT >> 20} MiB", field=field, fix="choose an agreement, an evidence package or a bundle")
    return content


def _published(parts: Parts, bundle: bytes) -> Contracts | None:
    """The published record of the bundle's chain; needs no node."""
    chain_id = chain_id_of(bundle)
    path = None if chain_id is None else deployment_path(parts.settings, chain_id)
    return read_record(path.read_bytes()) if path is not None and path.is_file() else None
