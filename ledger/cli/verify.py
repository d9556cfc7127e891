"""`sonang verify`: what is known of a file, with every check behind the answer; offline with a bundle, or against a node.

Nothing of a database or a node is imported until it is asked for: with a bundle, this is a program an auditor runs on a plane.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from ledger.chain.deployment import deployment_path
from ledger.cli.answers import JsonOption
from ledger.cli.verify_options import (
    AgeOption,
    BundleOption,
    DeploymentOption,
    ExportOption,
    FilesArgument,
    LogKeyOption,
    RootOption,
    RpcOption,
    SealedByOption,
    SeenOption,
    TrustOption,
    WitnessKeyOption,
)
from ledger.errors import InputError, NotFoundError, UnavailableError
from ledger.evidence.accounts import ask_node
from ledger.evidence.bundle import chain_id_of
from ledger.evidence.claims.logged import LogTrust, is_log_proof, verify_log_proof
from ledger.evidence.container import SIZE_LIMIT, is_bundle
from ledger.evidence.findings import Report
from ledger.evidence.presented import Presented, damaged_package, open_package, present, with_seals
from ledger.evidence.sealer import ExpectedSeal, expected_seal
from ledger.evidence.shown import headline, lines
from ledger.evidence.trust import Contracts, Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.checkpoint import CLOCKS_S, parse_checkpoint, parse_note, parse_note_key
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import unhex
from ledger.settings import Settings, load_settings

if TYPE_CHECKING:
    from asn1crypto import x509
    from sqlalchemy.orm import Session

    from ledger.chain.gateway import Gateway

PDF_MAGIC = b"%PDF-"
OFFLINE = "a bundle needs no chain: `sonang verify BUNDLE --bundle --trust-block HASH`, with FILE before it when there is one"


@dataclass(frozen=True)
class Brought:
    """The files by what they are: a document, the bundle or the log's proof about it, or one of them; the package they came in.

    A package that does not open holds none of them: `damage` says where it was changed.
    """

    document: bytes | None
    bundle: bytes | None
    log_proof: bytes | None = None
    package: bytes | None = None
    damage: ProtocolError | None = None

    @property
    def presented(self) -> Presented | None:
        """The document as far as it is a sealed one."""
        return None if self.document is None else present(self.document)


@dataclass(frozen=True)
class SealTrust:
    """What a PDF's own signatures must lead to, and whose the seal must be; None for what was not said."""

    roots: Sequence[x509.Certificate] | None
    sealed_by: ExpectedSeal | None


@dataclass(frozen=True)
class Outcome:
    """What was found, and where what was trusted came from; `bundle` proves it, when there is proof."""

    report: Report
    block_from: str | None
    record: Path | None
    bundle: bytes | None


def verify(
    files: FilesArgument,
    *,
    bundle: BundleOption = False,
    trust_block: TrustOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    export: ExportOption = None,
    trust_root: RootOption = None,
    sealed_by: SealedByOption = None,
    log_key: LogKeyOption = None,
    witness_key: WitnessKeyOption = None,
    seen: SeenOption = None,
    max_age: AgeOption = None,
    as_json: JsonOption = False,
) -> int:
    """Checks an agreement, a reading or a trade: authentic, altered, unrecognised, superseded, terminated or revoked.

    Exit codes: 0 authentic (expired too), 3 consistent but not anchored to a block you trust, or its seal not to a root and certificate,
    4 altered, 5 unrecognised, 6 superseded, 7 terminated, 8 revoked, 9 genuine proof that a rule was broken; 1 and 2: no answer.

    [bold]Example:[/bold] sonang verify agreement.pdf --bundle bundle.zip --trust-block 0x5f6e…
    """
    settings, brought = load_settings(), _sorted(files)
    settings = settings if rpc is None else settings.model_copy(update={"rpc_url": rpc})
    offline = bundle or trust_block is not None
    seals = SealTrust(_roots(trust_root), None if sealed_by is None else expected_seal(sealed_by))
    if brought.damage is not None:
        outcome = Outcome(damaged_package(brought.damage), None, None, None)
    elif brought.log_proof is not None:
        outcome = _logged(settings, brought, offline, _log_trust(log_key, witness_key, seen, max_age))
    elif offline:
        outcome = _offline(settings, brought, trust_block, deployment, seals)
        if rpc is not None:
            outcome = replace(outcome, report=ask_node(outcome.report, outcome.bundle, rpc, settings.rpc_timeout_s))
    else:
        outcome = _online(settings, brought, seals)
    outcome = _packaged(outcome, brought.package)
    _export(outcome, export)
    return _answer(outcome, files, as_json)


def _packaged(outcome: Outcome, package: bytes | None) -> Outcome:
    if package is None:
        return outcome
    from ledger.evidence.packaged import with_package  # noqa: PLC0415 - a PDF library nobody waits for who checks a trade

    return replace(outcome, report=with_package(outcome.report, package))


def _log_trust(log_key: str | None, witness_keys: Sequence[str] | None, seen: Path | None, max_age: int | None) -> LogTrust:
    known = None if seen is None else parse_checkpoint(parse_note(_read(seen)).text)
    now, key = int(time.time()), parse_note_key(log_key) if log_key else None
    lately = None if max_age is None else now - max_age * 3_600
    witnesses = [parse_note_key(key) for key in witness_keys or []]
    return LogTrust(key, witnesses, seen=known, not_before=lately, not_after=now + CLOCKS_S)


def _sorted(files: Sequence[Path]) -> Brought:
    if len(files) > 2:
        raise InputError(f"{len(files)} files", field="FILE", fix="give a document, a bundle, or a document and its bundle")
    contents = [_read(file) for file in files]
    proofs = [content for content in contents if is_log_proof(content)]
    if proofs:
        others = [content for content in contents if not is_log_proof(content)]
        if len(proofs) > 1 or any(is_bundle(other) for other in others):
            raise InputError("one .tlog-proof at a time, alone or with its document", field="FILE", fix="check the bundle by itself")
        return Brought(others[0] if others else None, None, proofs[0])
    if len(contents) == 1:
        try:
            packed = open_package(contents[0])
        except ProtocolError as wrong:
            return Brought(None, None, damage=wrong)
        if packed is not None:
            return Brought(*packed, package=contents[0])
        looks_proven = not contents[0].startswith(PDF_MAGIC) and is_bundle(contents[0])
        return Brought(None, contents[0]) if looks_proven else Brought(contents[0], None)
    first, second = contents
    return Brought(second, first) if is_bundle(first) and not is_bundle(second) else Brought(first, second)


def _read(file: Path) -> bytes:
    if file.stat().st_size > SIZE_LIMIT:
        raise InputError(f"more than {SIZE_LIMIT // 2**20} MB", field=str(file), fix="give a sealed agreement or its bundle")
    return file.read_bytes()


def _roots(paths: Sequence[Path] | None) -> list[x509.Certificate] | None:
    if not paths:
        return None
    from ledger.sealing.levels import load_trust_roots  # noqa: PLC0415 - a PDF library nobody waits for who checks a trade

    return [root for path in paths for root in load_trust_roots(path, "--trust-root")]


def _offline(settings: Settings, brought: Brought, trust_block: str | None, deployment: Path | None, seals: SealTrust) -> Outcome:
    document, proof = brought.document, brought.bundle
    if proof is None and document is not None and not document.startswith(PDF_MAGIC):
        document, proof = None, document  # so damaged that it looks like nothing: the verifier says so
    if proof is None:
        raise InputError("offline a document needs its bundle", field="--bundle", fix="name the bundle after it: FILE --bundle BUNDLE")
    block_hash = None if trust_block is None else unhex(trust_block, "--trust-block", 32)
    record = deployment or _found_record(settings, proof)
    contracts: Contracts | None = None if record is None else read_record(_read(record))
    presented = None if document is None else present(document)
    report = verify_bundle(proof, Trust(block_hash, contracts), None if presented is None else presented.sealed)
    if presented is not None:
        report = with_seals(report, presented, seals.roots, sealed_by=seals.sealed_by)
    return Outcome(report, None if block_hash is None else "given", record, proof)


def _found_record(settings: Settings, bundle: bytes) -> Path | None:
    """The record of the bundle's chain at its usual place."""
    chain_id = chain_id_of(bundle)
    path = None if chain_id is None else deployment_path(settings, chain_id)
    return path if path is not None and path.is_file() else None


def _logged(settings: Settings, brought: Brought, offline: bool, trust: LogTrust) -> Outcome:
    """What the log says of a document; online the chain is asked for the log's root as well."""
    if offline:
        return Outcome(verify_log_proof(brought.log_proof or b"", trust, brought.presented), None, None, None)
    with _connected(settings) as gateway:
        asked = replace(trust, anchored_root=lambda size: bytes(gateway.call("DocumentLog", "rootOf", size)))
        report = verify_log_proof(brought.log_proof or b"", asked, brought.presented)
        return Outcome(report, f"the node {gateway.host}", deployment_path(settings, gateway.chain_id), None)


@contextlib.contextmanager
def _connected(settings: Settings) -> Iterator[Gateway]:
    from ledger.chain.gateway import Gateway  # noqa: PLC0415 - offline, no node is spoken to

    try:
        connected = Gateway.connect(settings)
    except (NotFoundError, UnavailableError) as away:
        raise type(away)(away.problem, field=away.field, fix=f"{away.fix}; {OFFLINE}") from None
    with contextlib.closing(connected) as gateway:
        yield gateway


def _online(settings: Settings, brought: Brought, seals: SealTrust) -> Outcome:
    from ledger.evidence import documents  # noqa: PLC0415
    from ledger.evidence.roots import roots_here, sealed_by_here  # noqa: PLC0415

    with _connected(settings) as gateway:
        record, source = deployment_path(settings, gateway.chain_id), f"the node {gateway.host}"
        presented, sealed_by = brought.presented, seals.sealed_by or sealed_by_here(settings)
        roots = seals.roots or (roots_here(settings) if presented is not None and presented.issued else None)
        if brought.bundle is not None:
            with _ledger(settings, needed=False) as session:
                report = documents.verify_proven(session, gateway, brought.bundle, presented, roots, sealed_by=sealed_by)
            return Outcome(report, source, record, brought.bundle)
        document = brought.document or b""
        with _ledger(settings, needed=not documents.is_whole(document)) as session:
            found = documents.verify_document(session, gateway, document, roots, sealed_by=sealed_by)
        return Outcome(found.report, source, record, found.bundle)


@contextlib.contextmanager
def _ledger(settings: Settings, *, needed: bool) -> Iterator[Session | None]:
    """The database of this installation; None where there is none, or where it is away and only told whether its copy was erased."""
    from ledger.db import open_engine, open_sessions  # noqa: PLC0415

    if settings.database_url is None and not (settings.state_dir / "postgres").is_dir():
        yield None
        return
    try:
        engine = open_engine(settings)
    except UnavailableError:
        if needed:
            raise
        yield None
        return
    try:
        with open_sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()


def _export(outcome: Outcome, path: Path | None) -> None:
    if path is None:
        return
    if outcome.bundle is None:
        raise InputError(f"nothing to export: {outcome.report.answer.value}", field="--export", fix="leave it out to see what is wrong")
    path.write_bytes(outcome.bundle)


def _answer(outcome: Outcome, files: Sequence[Path], as_json: bool) -> int:
    report, record = outcome.report, None if outcome.record is None else str(outcome.record)
    if as_json:
        trusted = {"block_hash_from": outcome.block_from, "deployment": record}
        answer = {**report.as_json(), "files": [str(file) for file in files], "trusted": trusted}
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return report.exit_code
    console = Console(soft_wrap=True, highlight=False)
    console.print(headline(report), style="bold green" if report.exit_code == 0 else "bold red", markup=False)
    console.print("\n".join(lines(report)), markup=False)
    block = {None: "không ai · nobody", "given": "--trust-block"}.get(outcome.block_from, f"nút · {outcome.block_from}")
    console.print(
        f"\nTin cậy · Trusted\n  khối · block: {block}\n  {record or 'không có bản ghi triển khai · no deployment record'}", markup=False
    )
    return report.exit_code
