"""`sonang witness`: one witness as a process, or its key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.answers import ListensOption, new_key_words, tell
from ledger.note_keys import new_note_key
from ledger.protocol.checkpoint import WITNESS
from ledger.witness.process import WitnessConfig, run_witness
from ledger.witness.witness import Refusal

KeyOption = Annotated[Path, typer.Option(help="File with the witness's private key, mode 0600.", show_default=False)]
NameOption = Annotated[str, typer.Option(help="The witness's name in its cosignatures, for example a host name.", show_default=False)]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Make that file, say the key to publish, and end.")]
LogOption = Annotated[list[str] | None, typer.Option(metavar="KEY", help="A log to watch, by its published key; once for each.")]
MemoryOption = Annotated[Path | None, typer.Option(help="Folder of what it cosigned last. Default: beside the key.")]
PortOption = Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")]
ReadyOption = Annotated[Path | None, typer.Option(help="File to write the port to once it listens; removed when it ends.")]


def witness(
    *,
    key: KeyOption,
    name: NameOption,
    new: NewKeyOption = False,
    log: LogOption = None,
    memory: MemoryOption = None,
    port: PortOption = 0,
    ready: ReadyOption = None,
    as_json: ListensOption = False,
) -> None:
    """Runs one witness until Ctrl-C or SIGTERM: it cosigns a log's checkpoints after checking that the log only grew.

    It needs no chain and no database; run it where the log's operator has no say.

    [bold]Example:[/bold] sonang witness --key press.key --name press.example --new-key, then the same with --log KEY --port 9101
    """
    if new:
        made = new_note_key(key, name).key(WITNESS).text()
        words = new_key_words(key, made)
        tell({"key_file": str(key), "key": made}, words, as_json, indented=False)
        return
    config = WitnessConfig(key, name, memory or key.with_suffix(".witness"), tuple(log or ()), port, ready)
    run_witness(
        config,
        lambda line: tell(line, f"Witness {line['key']} listens on {line['url']}; Ctrl-C ends it.", as_json, indented=False),
        lambda refused: typer.echo(refusal_in_words(refused), err=True),
    )


def refusal_in_words(refused: Refusal) -> str:
    """One line for whoever runs the witness."""
    head, before = refused.head, refused.cosigned.size
    vi = f"TỪ CHỐI {head.origin}: nhật ký ký điểm kiểm {head.size} mục không nối tiếp {before} mục đã ký cùng"
    en = f"REFUSED {head.origin}: it signed {head.size} entries that do not follow the {before} cosigned"
    if refused.kept is None:
        return f"{vi}; KHÔNG GIỮ ĐƯỢC · {en}; NOT KEPT ({refused.problem})"
    return f"{vi}; giữ trong · {en}; kept in {refused.kept} (docs/log.md)"
