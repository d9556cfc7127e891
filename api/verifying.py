"""Verification of an uploaded file: from a bundle and a block hash the caller trusts, else against this installation's node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import File, Form, UploadFile

from api.deps import Parts
from ledger.chain.deployment import deployment_path
from ledger.errors import InputError
from ledger.evidence.bundle import chain_id_of
from ledger.evidence.container import SIZE_LIMIT, is_bundle
from ledger.evidence.documents import verify_against_node, verify_file
from ledger.evidence.findings import Report
from ledger.evidence.trust import Contracts, Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import unhex

__all__ = ["BundleUpload", "FileUpload", "TrustBlock", "Verdict", "verdict_on"]

FileUpload = Annotated[UploadFile, File(description="A sealed agreement (PDF) or an evidence bundle.")]
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
    document, proof = (None, first) if second is None and is_bundle(first) else (first, second)
    if block_hash is not None:
        if proof is None:
            raise InputError("a document needs its bundle to be checked against a block", field="bundle", fix="add the bundle")
        return Verdict(verify_bundle(proof, Trust(block_hash, _published(parts, proof)), document), "given")
    gateway = parts.gateway()
    if proof is not None:
        return Verdict(verify_against_node(gateway, proof, document), "node")
    with parts.sessions()() as session:
        return Verdict(verify_file(session, gateway, first).report, "node")


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
