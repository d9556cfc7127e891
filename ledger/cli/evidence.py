"""`sonang evidence`: everything about an agreement in one file for an auditor, or some of its terms for a bank."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.answers import JsonOption, say, say_json
from ledger.errors import InputError
from ledger.evidence.container import SIZE_LIMIT
from ledger.evidence.disclosure import disclose
from ledger.evidence.presented import open_package
from ledger.protocol.checkpoint import NoteKey, parse_note_key
from ledger.protocol.quantities import unhex
from ledger.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ledger.agreements.model import AgreementRow

BundleArgument = Annotated[
    Path | None,
    typer.Argument(exists=True, dir_okay=False, help="An agreement's bundle or package to show terms of, offline, with --show."),
]
AgreementOption = Annotated[str | None, typer.Option(metavar="ID", help="The agreement's id, 0x and 64 hex digits.")]
CodeOption = Annotated[str | None, typer.Option(metavar="CODE", help="The look-up code on its pages, instead of the id.")]
OutputOption = Annotated[
    Path, typer.Option("--output", "-o", dir_okay=False, help="The file to write; not overwritten. Its folder is made, and said to be.")
]
ShowOption = Annotated[list[str] | None, typer.Option(metavar="TERM", help="Show this term and no others; once for each.")]
LogKeyOption = Annotated[str | None, typer.Option("--log-key", metavar="KEY", help="The log's published key. Default: of log.key here.")]
WitnessKeyOption = Annotated[list[str] | None, typer.Option("--witness-key", metavar="KEY", help="A witness's key; once for each.")]


def evidence(
    bundle: BundleArgument = None,
    *,
    output: OutputOption,
    agreement: AgreementOption = None,
    code: CodeOption = None,
    show: ShowOption = None,
    log_key: LogKeyOption = None,
    witness_key: WitnessKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Writes all evidence of an issued agreement into one file an auditor checks offline, or with --show some terms of it only.

    With a BUNDLE and --show no chain and no database are needed.

    [bold]Example:[/bold] sonang evidence --code 7K3M-… -o evidence.zip, or sonang evidence agreement.zip --show seller.name -o bank.zip
    """
    if output.exists():
        raise InputError("is there already", field=str(output), fix="name another file, or move it away")
    fresh = not output.parent.is_dir()
    if sum(one is not None for one in (bundle, agreement, code)) != 1:
        raise InputError("name one agreement", field="--agreement", fix="give its id, its look-up code (--code), or its bundle")
    if bundle is not None:
        if bundle.stat().st_size > SIZE_LIMIT:
            raise InputError(f"more than {SIZE_LIMIT >> 20} MiB", field=str(bundle), fix="give an agreement's bundle")
        made = disclose(_bundle_in(bundle.read_bytes()), show or [])
    else:
        keys = [parse_note_key(key) for key in (*([log_key] if log_key else []), *(witness_key or []))]
        made = _from_the_ledger(load_settings(), (agreement, code), show, keys)
    output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with output.open("xb") as file:
        output.chmod(0o600)
        file.write(made)
    _answer(output, len(made), show, as_json)
    if fresh and not as_json:
        say(f"Thư mục mới · A new folder: {output.parent.resolve()}")


def _bundle_in(data: bytes) -> bytes:
    """An agreement's bundle, out of the package it came in."""
    packed = open_package(data)
    return data if packed is None else packed[1]


def _from_the_ledger(
    settings: Settings, named: tuple[str | None, str | None], show: Sequence[str] | None, keys: Sequence[NoteKey]
) -> bytes:
    from ledger.agreements.store import DocumentStore  # noqa: PLC0415 - offline, neither a node nor a database is spoken to
    from ledger.chain.gateway import Gateway  # noqa: PLC0415
    from ledger.db import open_engine, open_sessions  # noqa: PLC0415
    from ledger.evidence.build import agreement_bundle  # noqa: PLC0415
    from ledger.evidence.packaging import package_here  # noqa: PLC0415

    with contextlib.ExitStack() as opened:
        gateway = opened.enter_context(contextlib.closing(Gateway.connect(settings)))
        engine = open_engine(settings)
        opened.callback(engine.dispose)
        session = opened.enter_context(open_sessions(engine)())
        found, store = _named(session, *named), DocumentStore.of(settings)
        if show:
            return disclose(agreement_bundle(session, gateway, store, found), show)
        return package_here(settings, session, gateway, found, keys)


def _named(session: Session, agreement: str | None, code: str | None) -> AgreementRow:
    from ledger.agreements.queries import agreement_by_id  # noqa: PLC0415
    from ledger.life.queries import check_kept, document_with_code  # noqa: PLC0415

    found = document_with_code(session, code or "") if agreement is None else agreement_by_id(session, unhex(agreement, "--agreement", 32))
    return check_kept(session, found)


def _answer(output: Path, size: int, show: Sequence[str] | None, as_json: bool) -> None:
    if as_json:
        say_json({"file": str(output), "bytes": size, "shows": list(show or [])})
        return
    what = (
        f"{len(show)} điều khoản · terms"
        if show
        else "mọi bằng chứng; README.md bên trong có lệnh kiểm tra · all evidence; see its README.md"
    )
    say(f"{output}: {size} bytes, {what}")
