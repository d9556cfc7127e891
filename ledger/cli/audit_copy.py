"""The log an audit reads: downloaded from a server's API, or out of the database here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import orjson
import urllib3
from sqlalchemy.orm import Session

from ledger.db import database
from ledger.errors import InputError, NotFoundError, UnavailableError
from ledger.protocol.quantities import unhex
from ledger.settings import Settings
from ledger.transparency.known import Copy
from ledger.transparency.model import LogEntry
from ledger.transparency.queries import checkpoints, entries_from, latest_checkpoint, portable_proof

TIMEOUT_S = 30.0
BESIDE = ("unit", "sequence", "event", "document", "leaf_hash")
PROVEN = 16
"""How many entries' proofs are asked for and checked."""
HEX = re.compile(r"0x(?:[0-9a-f]{2})+")


def served_here(settings: Settings) -> Copy:
    if settings.database_url is None and not (settings.state_dir / "postgres").is_dir():
        raise InputError("there is no database here", field="--api", fix="name the server whose log you audit")
    with database(settings) as sessions, sessions() as session:
        rows = entries_from(session, 0)
        beside = [{name: getattr(row, name) for name in BESIDE} for row in rows]
        notes = [row.note for row in checkpoints(session)]
        return Copy([row.data for row in rows], notes, beside, _own_proofs(session, rows))


def _own_proofs(session: Session, rows: Sequence[LogEntry]) -> dict[int, bytes]:
    try:
        covered = latest_checkpoint(session).size
    except NotFoundError:
        return {}
    return {index: portable_proof(session, rows[index]).to_bytes() for index in _some(min(covered, len(rows)))}


def _some(size: int) -> list[int]:
    """Indices of entries whose proofs are asked for: a few, from the first to the last, others each time."""
    if size <= PROVEN:
        return list(range(size))
    return sorted({0, size - 1, *(secrets.randbelow(size) for _ in range(PROVEN - 2))})


def downloaded(api: str) -> Copy:
    http = urllib3.PoolManager(retries=False, timeout=TIMEOUT_S)
    log = f"{api.rstrip('/')}/api/v1/log"
    served = list(_pages(http, f"{log}/entries"))
    entries = [unhex(one["data"], "data") for one in served]
    beside = [{name: _plain(one.get(name)) for name in BESIDE} for one in served]
    checkpoints_served = _pages(http, f"{log}/checkpoints")
    notes = [str(one["note"]).encode() for one in checkpoints_served]
    covered = min(len(entries), max((int(str(one["size"])) for one in checkpoints_served), default=0))
    proofs = {index: _asked(http, f"{log}/tlog-proof", {"index": str(index)})[1] for index in _some(covered)}
    http.clear()
    return Copy(entries, notes, beside, proofs)


def _plain(value: object) -> object:
    return bytes.fromhex(value[2:]) if isinstance(value, str) and HEX.fullmatch(value) else value


def _asked(http: urllib3.PoolManager, url: str, fields: dict[str, str]) -> tuple[int, bytes]:
    try:
        answer = http.request("GET", url, fields=fields)
    except urllib3.exceptions.HTTPError:
        raise UnavailableError("does not answer", field=url, fix="check the address, and that the server runs") from None
    return answer.status, answer.data


def _pages(http: urllib3.PoolManager, url: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    cursor = None
    while True:
        fields = {"limit": "500"} | ({} if cursor is None else {"cursor": str(cursor)})
        status, body = _asked(http, url, fields)
        try:
            page = orjson.loads(body)
            items += page["items"]
            cursor = page["next"]
        except (ValueError, KeyError, TypeError):
            raise UnavailableError(f"answers {status} and no page", field=url, fix="check that it is a server of ours") from None
        if cursor is None:
            return items
