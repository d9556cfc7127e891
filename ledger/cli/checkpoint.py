"""`sonang checkpoint`: the log signed as it stands, cosigned by witnesses, and queued to be anchored on chain."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from sqlalchemy.orm import Session

from ledger.agreements.heard import log_what_was_heard
from ledger.chain.calls import Calls
from ledger.chain.deployment import Deployment, load_deployment
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.gateway import Gateway
from ledger.db import open_engine, open_sessions, upgrade
from ledger.note_keys import load_note_key, new_note_key
from ledger.protocol.checkpoint import parse_note
from ledger.protocol.errors import SonangError
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings, load_settings
from ledger.transparency.commands import add_cosignature, anchor_checkpoint, sign_checkpoint
from ledger.transparency.model import LogCheckpoint
from ledger.transparency.queries import consistency, origin_of
from ledger.witness.client import WitnessClient

KeyOption = Annotated[Path | None, typer.Option(help="File with the log's private key, mode 0600. Default: log.key in the state folder.")]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Make that file, say the key to publish, and end.")]
WitnessOption = Annotated[list[str] | None, typer.Option(metavar="URL", help="A witness to ask for its cosignature; once for each.")]
LeastOption = Annotated[int | None, typer.Option(min=0, help="Anchor only when so many witnesses cosigned. Default: all that are named.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
SHORT_OF_WITNESSES = 3


def checkpoint(
    *,
    key: KeyOption = None,
    new: NewKeyOption = False,
    witness: WitnessOption = None,
    at_least: LeastOption = None,
    as_json: JsonOption = False,
) -> int:
    """Signs the log of documents as it stands, has witnesses cosign it, and queues its size and root for the chain.

    Running it again with nothing new in the log changes nothing. Exit code 3: signed, but too few witnesses cosigned, so not anchored.

    [bold]Example:[/bold] sonang checkpoint --new-key, then sonang checkpoint --witness http://127.0.0.1:9101
    """
    settings = load_settings()
    path = key or settings.state_dir / "log.key"
    deployment = _deployment(settings)
    if new:
        made = new_note_key(path, origin_of(deployment)).key().text()
        _say({"key_file": str(path), "key": made}, [f"{path}: a new key, for your eyes only. To publish: {made}"], as_json)
        return 0
    urls = witness or []
    signer = load_note_key(path, origin_of(deployment))
    with contextlib.ExitStack() as opened:
        engine = open_engine(settings)
        opened.callback(engine.dispose)
        upgrade(engine)
        sessions = open_sessions(engine)
        with sessions.begin() as session:
            log_what_was_heard(session)
            size = sign_checkpoint(session, signer).size
        with sessions.begin() as session:
            row = session.get_one(LogCheckpoint, size)
            asked = _cosigned(session, row, urls)
            enough = len(asked[0]) >= (len(urls) if at_least is None else at_least)
            if enough:
                anchor_checkpoint(session, Calls(deployment), row)
            _tell(row, signer.key().text(), asked, enough, as_json)
    return 0 if enough else SHORT_OF_WITNESSES


def _cosigned(session: Session, row: LogCheckpoint, urls: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of the witnesses that cosigned, and what the others said."""
    cosigned, trouble = [], []
    for url in urls:
        try:
            with contextlib.closing(WitnessClient(url)) as client:
                known = client.key()
                for signature in client.cosign(parse_note(row.note), partial(_prove, session, row.size)):
                    add_cosignature(session, row, known, signature)
                cosigned.append(known.name)
        except SonangError as wrong:
            trouble.append(str(wrong))
    return cosigned, trouble


def _prove(session: Session, new: int, old: int) -> tuple[bytes, ...]:
    return consistency(session, old, new)


def _deployment(settings: Settings) -> Deployment:
    if settings.rpc_url is None:
        return load_deployment(settings, DEVCHAIN_ID)
    with contextlib.closing(Gateway.connect(settings)) as gateway:
        return gateway.deployment


def _tell(row: LogCheckpoint, key: str, asked: tuple[list[str], list[str]], anchored: bool, as_json: bool) -> None:
    cosigned, trouble = asked
    answer = {
        "size": row.size,
        "root": hex0x(row.root),
        "key": key,
        "cosigned": cosigned,
        "trouble": trouble,
        "queued": anchored,
        "note": row.note.decode(),
    }
    words = [f"Signed the log at {row.size} entries, root {hex0x(row.root)}", f"Key: {key}"]
    words += [f"Cosigned by {name}" for name in cosigned] + trouble
    words.append("Queued for the chain: the worker sends it" if anchored else "Not queued for the chain: too few witnesses cosigned")
    _say(answer, words, as_json)


def _say(answer: dict[str, object], words: list[str], as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    else:
        Console(soft_wrap=True, highlight=False).print("\n".join(words), markup=False)
