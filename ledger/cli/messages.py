"""`sonang messages`: delivers what is due and shows what is stuck, once or until stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.cli.answers import JsonOption, say, say_json
from ledger.cli.moments import ZONE, moment
from ledger.cli.tables import Code, listing, show_table
from ledger.db import database
from ledger.endings import stoppable
from ledger.logs import log_as_json
from ledger.messages.carriers import Carrier
from ledger.messages.carriers.chosen import MAILBOX, in_folder, open_carriers
from ledger.messages.delivery import DeliveryReport, deliver_due
from ledger.messages.model import Message
from ledger.messages.queries import counts, due, troubled
from ledger.messages.rules import masked
from ledger.messages.sealing import Opener, key_path, prepare
from ledger.parties.model import Contact, Party
from ledger.services.documents import request_code
from ledger.services.model import Request
from ledger.settings import Settings, load_settings

WatchOption = Annotated[bool, typer.Option("--watch", help="Go on delivering until Ctrl-C or SIGTERM.")]
ListOption = Annotated[bool, typer.Option("--list", help="Only show what is queued, failed or given up; deliver nothing.")]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Make the key file queued texts are sealed to, and end.")]
LimitOption = Annotated[int, typer.Option(min=1, max=1_000_000, help="Deliver at most so many.")]

COLUMNS = (
    Code("Khách hàng · Customer"),
    Code("Mã tra cứu · Code"),
    "Đến · To",
    "Tin · Message",
    "Trạng thái (lần) · State (tries)",
    "Thử lại · Next try",
    "Lý do · Reason",
)
STATES_SHOWN = {
    "queued": "đang chờ · queued",
    "sent": "đã gửi · sent",
    "delivered": "đã nhận · delivered",
    "failed": "không gửi được · failed",
    "expired": "đã bỏ · expired",
}
PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
ROUND = 100

log = structlog.get_logger(__name__)


def messages(
    *,
    watch: WatchOption = False,
    only_list: ListOption = False,
    new: NewKeyOption = False,
    limit: LimitOption = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Delivers queued messages and lists what is stuck and why; texts are never shown, addresses only in part.

    [bold]Example:[/bold] sonang messages, or sonang messages --watch beside the server
    """
    settings = load_settings()
    with ExitStack() as opened:
        sessions = opened.enter_context(database(settings))
        if only_list:
            _tell(sessions, settings, DeliveryReport(), as_json)
            return
        with sessions.begin() as session:
            opener = prepare(session, settings, new=new)
        if new:
            say(f"{key_path(settings)}: khoá mới · a new key, for your eyes only")
            return
        carriers = opened.enter_context(open_carriers(settings))
        if watch:
            _watch(sessions, carriers, opener, settings)
            return
        done = _deliver_once(sessions, carriers, opener, limit)
        _tell(sessions, settings, done, as_json)


def _deliver_once(sessions: sessionmaker[Session], carriers: Mapping[str, Carrier], opener: Opener, limit: int) -> DeliveryReport:
    """What was due when we began; what is put off meanwhile waits for the next time."""
    with sessions() as session:
        waiting = min(due(session, int(time.time())), limit)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Gửi tin · Delivering", total=waiting)
        return deliver_due(sessions, carriers, opener, limit=waiting, told=lambda: progress.advance(task))


def _watch(sessions: sessionmaker[Session], carriers: Mapping[str, Carrier], opener: Opener, settings: Settings) -> None:
    log_as_json(settings.log_level)
    pause = PAUSE_S
    with stoppable() as stop:
        log.info("delivering", channels=sorted(carriers))
        while not stop.is_set():
            try:
                done = deliver_due(sessions, carriers, opener, limit=ROUND)
                pause = PAUSE_S
            except DBAPIError as away:
                pause = min(pause * 2, LONGEST_PAUSE_S)
                log.warning("database_away", kind=type(away.orig).__name__, again_s=pause)
                done = DeliveryReport()
            if done.tried:
                log.info("delivered", **asdict(done))
            if done.tried < ROUND:
                stop.wait(pause)
    log.info("stopped")


def _tell(sessions: sessionmaker[Session], settings: Settings, done: DeliveryReport, as_json: bool) -> None:
    with sessions() as session:
        states, stuck = counts(session), troubled(session)
        rows = [_row(one, *whose) for one, whose in zip(stuck, _whose(session, stuck), strict=True)]
    if as_json:
        say_json({"done": asdict(done), "states": states, "stuck": rows})
        return
    if done.tried:
        say(f"Đã gửi · Sent {done.sent}, hoãn · put off {done.put_off}, hỏng · failed {done.failed}, hết hạn · expired {done.expired}")
    if rows:
        show_table(Console(highlight=False), _table(rows))
        say(ZONE)
    else:
        say("Không có tin nào đang chờ hay hỏng · Nothing is queued, failed or given up")
    say(", ".join(f"{STATES_SHOWN[state]} {count}" for state, count in states.items()))
    if folded := in_folder(settings):
        say(f"Hộp thư · Mailbox ({', '.join(folded)}): {settings.state_dir / MAILBOX}")


def _row(one: Message, customer: str | None, code: str | None) -> dict[str, Any]:
    return {
        "key": one.key,
        "customer": customer,
        "code": code,
        "channel": one.channel,
        "to": masked(one.address),
        "state": one.state,
        "tries": one.tries,
        "next_try_s": one.next_try_s if one.state == "queued" else None,
        "reason": one.reason,
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = listing(*COLUMNS)
    for row in rows:
        what, where = str(row["key"]).partition("/")[0], f"{row['channel']} {row['to']}"
        again = moment(row["next_try_s"]) if row["state"] == "queued" else ""
        cells = (
            row["customer"] or "–",
            row["code"] or "–",
            where,
            what,
            f"{STATES_SHOWN[row['state']]} ({row['tries']})",
            again,
            row["reason"] or "",
        )
        table.add_row(*map(escape, cells))
    return table


def _whose(session: Session, messages: Sequence[Message]) -> list[tuple[str | None, str | None]]:
    """Of each message, the customer's code and the code of what it is about; the customer by the address where it is about nothing."""
    about = {one.about for one in messages if one.about is not None}
    known: dict[bytes | None, tuple[str | None, str | None]] = {}
    for party in session.scalars(select(Party).where(Party.id.in_(about))):
        known[party.id] = party.label, None
    for row in session.scalars(select(AgreementRow).where(AgreementRow.id.in_(about))):
        known[row.id] = row.owner.label, row.lookup_code
    for request in session.scalars(select(Request).where(Request.id.in_(about))):
        known[request.id] = None if request.party is None else request.party.label, request_code(request)
    standing = select(Contact.channel, Contact.address, Party.label).join(Party, Party.id == Contact.party_id)
    reached = standing.where(Contact.address.in_({one.address for one in messages})).order_by(Contact.id)
    labels = {(channel, address): label for channel, address, label in session.execute(reached)}
    return [known.get(one.about) or (labels.get((one.channel, one.address)), None) for one in messages]
