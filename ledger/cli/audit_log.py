"""`sonang audit-log`: the whole log downloaded again, rebuilt, and held against the chain, the witnesses and the documents on record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ledger.cli.answers import JsonOption, say_json
from ledger.cli.audit_chain import ask_chain
from ledger.cli.audit_copy import downloaded, served_here
from ledger.cli.audit_seen import ask_witnesses, remember, remembered
from ledger.cli.audit_words import CHECKS, in_vietnamese
from ledger.cli.verify_options import DeploymentOption
from ledger.errors import InputError, ProtocolError
from ledger.protocol.checkpoint import CLOCKS_S, LOG, WITNESS, NoteKey, parse_checkpoint, parse_note, parse_note_key
from ledger.protocol.log import inclusion_proof, leaf_hash
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import TlogProof, parse_tlog_proof
from ledger.settings import load_settings
from ledger.transparency.audit import Audit, Copy, Elsewhere, Finding, Verdict, audit
from ledger.transparency.rules import parse_entry

ApiOption = Annotated[str | None, typer.Option(metavar="URL", help="Download from this server's API instead of reading the database here.")]
RpcOption = Annotated[str | None, typer.Option("--rpc", metavar="URL", help="A node you trust: asked instead of this installation's.")]
LogKeyOption = Annotated[str | None, typer.Option("--log-key", metavar="KEY", help="The log's published key, from the log's own page.")]
WitnessKeyOption = Annotated[list[str] | None, typer.Option("--witness-key", metavar="KEY", help="A witness you trust; once for each.")]
WitnessOption = Annotated[list[str] | None, typer.Option(metavar="URL", help="Ask this witness what it cosigned last; once for each.")]
ProofsOption = Annotated[Path | None, typer.Option(file_okay=False, help="Write a checked .tlog-proof file of every entry here.")]
SeenOption = Annotated[
    Path | None,
    typer.Option("--seen", dir_okay=False, help="Your memory: the checkpoint you saw last, read first, replaced after a good audit."),
]
AgeOption = Annotated[
    int | None, typer.Option("--max-age", metavar="HOURS", min=1, help="How long ago each witness may have cosigned last.")
]

WORDS = {
    Verdict.WHOLE: "TOÀN VẸN · WHOLE",
    Verdict.UNANCHORED: "NHẤT QUÁN, CHƯA NEO HẾT · CONSISTENT, NOT ALL ANCHORED",
    Verdict.BROKEN: "BỊ CẮT HOẶC SỬA · CUT OR CHANGED",
    Verdict.SPLIT: "HAI LỊCH SỬ · SPLIT VIEW",
}
UNCHECKED = "NHẤT QUÁN, CHƯA KIỂM TRA HẾT · CONSISTENT, NOT ALL CHECKED"


def audit_log(
    *,
    api: ApiOption = None,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    log_key: LogKeyOption = None,
    witness_key: WitnessKeyOption = None,
    witness: WitnessOption = None,
    proofs: ProofsOption = None,
    seen: SeenOption = None,
    max_age: AgeOption = None,
    as_json: JsonOption = False,
) -> int:
    """Downloads the whole log of documents, rebuilds it, and holds it against the chain and the witnesses.

    Exit codes: 0 whole, 3 consistent but not all anchored, cosigned or checked (without --log-key), 4 cut or changed, 9 split view;
    1 and 2 when there is no answer.

    [bold]Example:[/bold] sonang audit-log --api https://log.example --rpc http://127.0.0.1:8545 --deployment 31337.json --log-key KEY
    """
    settings = load_settings()
    trusted = trusted_witnesses(witness_key or ())
    key = None if log_key is None else _key(log_key, LOG, "--log-key")
    copy = served_here(settings) if api is None else downloaded(api)
    origin, chain = ask_chain(settings, rpc, deployment, elsewhere=api is not None)
    told, silent = ask_witnesses(witness or (), origin, trusted)
    now = int(time.time())
    lately = None if max_age is None else now - max_age * 3_600
    elsewhere = Elsewhere(origin, *chain, key, trusted, told, silent, lately, now + CLOCKS_S, remembered(seen, origin))
    found = audit(copy, elsewhere)
    if seen is not None and found.verdict < Verdict.BROKEN:
        remember(seen, copy.notes)
    written = 0 if proofs is None or found.verdict >= Verdict.BROKEN else _write_proofs(copy, proofs)
    _tell(found, written, as_json)
    return int(found.verdict)


def trusted_witnesses(texts: Sequence[str]) -> list[NoteKey]:
    """Published keys of different witnesses; one that is named again counts once.

    Raises:
        InputError: one is no witness's key, or has two names.
    """
    named = dict[bytes, NoteKey]()
    for text in texts:
        key = _key(text, WITNESS, "--witness-key")
        before = named.setdefault(key.public, key)
        if before != key:
            fix = "name each witness once, by the key it publishes itself"
            raise InputError(f"{key.name}: the key of {before.name} under another name", field="--witness-key", fix=fix)
    return list(named.values())


def _key(text: str, kind: int, field: str) -> NoteKey:
    try:
        key = parse_note_key(text)
    except ProtocolError as wrong:
        raise InputError(wrong.problem, field=field, fix="copy the whole key as its holder publishes it: NAME+ID+BASE64") from None
    if key.kind != kind:
        raise InputError("the key is of another kind", field=field, fix="give a log's key as --log-key, a witness's as --witness-key")
    return key


def _write_proofs(copy: Copy, folder: Path) -> int:
    """A file for every entry the newest checkpoint covers, each read back and checked; returns how many."""
    if not copy.notes:
        return 0
    note = max((parse_note(raw) for raw in copy.notes), key=lambda one: parse_checkpoint(one.text).size)
    size = parse_checkpoint(note.text).size
    leaves = [leaf_hash(data) for data in copy.entries[:size]]
    folder.mkdir(parents=True, exist_ok=True)
    for index, data in enumerate(copy.entries[:size]):
        made = TlogProof(data, index, inclusion_proof(leaves, index), note)
        entry = parse_entry(data)
        path = folder / f"{entry.document.hex()}-{entry.event}.tlog-proof"
        path.write_bytes(made.to_bytes())
        if parse_tlog_proof(path.read_bytes()) != made or not made.holds():
            raise InputError("the proof does not hold", field=str(path), fix="run the audit again")
    return size


def _tell(found: Audit, written: int, as_json: bool) -> None:
    if as_json:
        answer = {
            "verdict": found.verdict.name.lower(),
            "exit_code": int(found.verdict),
            "size": found.size,
            "root": hex0x(found.root),
            "anchored": found.anchored,
            "proofs_written": written,
            "findings": [
                {"check": one.check, "verdict": one.verdict.name.lower(), "detail": one.detail, "checked": one.checked}
                for one in found.findings
            ],
        }
        say_json(answer)
        return
    console = Console(soft_wrap=True, highlight=False)
    unchecked = found.verdict is Verdict.UNANCHORED and all(one.checked is False for one in found.findings if one.verdict)
    console.print(
        UNCHECKED if unchecked else WORDS[found.verdict], style="bold green" if found.verdict is Verdict.WHOLE else "bold red", markup=False
    )
    console.print("\n".join([f"{found.size} mục · entries, gốc · root {hex0x(found.root)}", *map(_line, found.findings)]), markup=False)
    if written:
        console.print(f"{written} bằng chứng đã ghi và kiểm tra · proofs written and checked", markup=False)


def _line(one: Finding) -> str:
    mark = {Verdict.WHOLE: "✓", Verdict.UNANCHORED: "–"}.get(one.verdict, "✗")
    named, vi = CHECKS.get(one.check, one.check), in_vietnamese(one.detail)
    skipped = "" if one.checked else " [không kiểm tra · not checked]"
    return f"  {mark} {named}{skipped}: {f'{vi} · {one.detail}' if vi else one.detail}"
