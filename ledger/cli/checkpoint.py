"""`sonang checkpoint`: the log signed as it stands, cosigned by witnesses, and queued to be anchored on chain."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from typing import Annotated

import typer

from ledger.chain.deployment import Deployment, load_deployment
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption, new_key_words, tell
from ledger.db import database
from ledger.note_keys import load_note_key, new_note_key
from ledger.office.checkpoints import Published, publish_checkpoint
from ledger.office.signed_before import LastSigned
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings, load_settings
from ledger.transparency.queries import origin_of

KeyOption = Annotated[Path | None, typer.Option(help="File with the log's private key, mode 0600. Default: log.key in the state folder.")]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Make that file, say the key to publish, and end.")]
WitnessOption = Annotated[list[str] | None, typer.Option(metavar="URL", help="A witness to ask for its cosignature; once for each.")]
LeastOption = Annotated[int | None, typer.Option(min=0, help="Anchor only when so many witnesses cosigned. Default: all that are named.")]
SHORT_OF_WITNESSES = 3
QUEUED = "Đã xếp hàng lên chuỗi: worker sẽ gửi · Queued for the chain: the worker sends it"
ANCHORED = "Đã neo trên chuỗi · Anchored on the chain already"
ANCHORED_SHORT = f"{ANCHORED}; thiếu nhân chứng ký cùng · too few witnesses cosigned"
SHORT = "Chưa lên chuỗi: thiếu nhân chứng ký cùng · Not queued for the chain: too few witnesses cosigned"


def checkpoint(
    *,
    key: KeyOption = None,
    new: NewKeyOption = False,
    witness: WitnessOption = None,
    at_least: LeastOption = None,
    as_json: JsonOption = False,
) -> int:
    """Signs the log of documents as it stands, has witnesses cosign it, and queues its size and root for the chain.

    Running it again with nothing new in the log changes nothing. Exit code 3: signed, but too few witnesses cosigned, so not queued.

    [bold]Example:[/bold] sonang checkpoint --new-key, then sonang checkpoint --witness http://127.0.0.1:9101
    """
    settings = load_settings()
    path = key or settings.state_dir / "log.key"
    deployment = _deployment(settings)
    if new:
        made = new_note_key(path, origin_of(deployment)).key().text()
        tell({"key_file": str(path), "key": made}, new_key_words(path, made), as_json)
        return 0
    urls = witness or []
    making = "sonang checkpoint --new-key" + (f" --key {shlex.quote(str(key))}" if key else "")
    signer = load_note_key(path, origin_of(deployment), making=making)
    with database(settings) as sessions, contextlib.closing(Gateway.connect(settings)) as gateway:
        done = publish_checkpoint(sessions, gateway, signer, LastSigned(path), urls, at_least=at_least)
    _tell(done, signer.key().text(), as_json)
    return 0 if done.enough else SHORT_OF_WITNESSES


def _deployment(settings: Settings) -> Deployment:
    if settings.rpc_url is None:
        return load_deployment(settings, DEVCHAIN_ID)
    with contextlib.closing(Gateway.connect(settings)) as gateway:
        return gateway.deployment


def _tell(done: Published, key: str, as_json: bool) -> None:
    answer = {
        "size": done.size,
        "root": hex0x(done.root),
        "key": key,
        "cosigned": list(done.cosigned),
        "trouble": list(done.trouble),
        "queued": done.queued,
        "anchored": done.anchored,
        "note": done.note.decode(),
    }
    words = [f"Đã ký nhật ký · Signed the log: {done.size} mục · entries, gốc · root {hex0x(done.root)}", f"Khoá · Key: {key}"]
    words += [f"Nhân chứng đã ký cùng · Cosigned by {name}" for name in done.cosigned] + list(done.trouble)
    words.append((ANCHORED if done.enough else ANCHORED_SHORT) if done.anchored else QUEUED if done.queued else SHORT)
    tell(answer, "\n".join(words), as_json)
