"""Verification of an uploaded file: from a bundle and a block hash the caller trusts, else against this installation's node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile

from api.deps import Parts
from ledger.chain.deployment import deployment_path
from ledger.errors import InputError
from ledger.evidence.bundle import chain_id_of
from ledger.evidence.claims.logged import LogTrust, is_log_proof, verify_log_proof
from ledger.evidence.container import SIZE_LIMIT, is_bundle
from ledger.evidence.documents import verify_against_node, verify_file
from ledger.evidence.findings import Report
from ledger.evidence.presented import present, with_seals
from ledger.evidence.roots import roots_here, sealed_by_here
from ledger.evidence.trust import Contracts, Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import unhex

__all__ = ["BundleUpload", "FileUpload", "TrustBlock", "Verdict", "verdict_on"]

FileUpload = Annotated[UploadFile, File(description="A sealed or issued agreement (PDF), an evidence bundle, or a .tlog-proof.")]
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
    document, proof = (None, first) if second is None and is_bundle(first) else (first, second)
    presented = None if document is None else present(document)
    roots, sealed_by = roots_here(parts.settings), sealed_by_here(parts.settings)
    if block_hash is not None:
        if proof is None:
            raise InputError("a document needs its bundle to be checked against a block", field="bundle", fix="add the bundle")
        report = verify_bundle(proof, Trust(block_hash, _published(parts, proof)), None if presented is None else presented.sealed)
        return Verdict(report if presented is None else with_seals(report, presented, roots, sealed_by=sealed_by), "given")
    gateway = parts.gateway()
    if proof is not None:
        report = verify_against_node(gateway, proof, None if presented is None else presented.sealed)
        return Verdict(report if presented is None else with_seals(report, presented, roots, sealed_by=sealed_by), "node")
    with parts.sessions()() as session:
        return Verdict(verify_file(session, gateway, first, roots, sealed_by=sealed_by).report, "node")


def _on_the_log(parts: Parts, proof: bytes) -> Verdict:
    """A proof of the log, for who trusts this installation's node: the chain holds the root it leads to."""
    gateway = parts.gateway()
    trust = LogTrust(anchored_root=lambda size: bytes(gateway.call("DocumentLog", "rootOf", size)))
    return Verdict(verify_log_proof(proof, trust), "node")


def _content(upload: UploadFile, field: str) -> bytes:
    content = upload.file.read(SIZE_LIMIT + 1)
    if not content:
        raise InputError("the file is empty", field=field, fix="choose a sealed agreement or an evidence bundle")
    if len(content) > SIZE_LIMIT:
        raise InputError(f"more than {SIZE_LIMIT >> 20} MiB", field=field, fix="choose a sealed agreement or an evidence bundle")
    return content


def _published(parts: Parts, bundle: bytes) -> Contracts | None:
    """The published record of the bundle's chain; needs no node."""
    chain_id = chain_id_of(bundle)
    path = None if chain_id is None else deployment_path(parts.settings, chain_id)
    return read_record(path.read_bytes()) if path is not None and path.is_file() else None
