"""The commands of `sonang service` that change something: submit, act, follow, remind."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from ledger.agreements.store import DocumentStore
from ledger.cli.acting import acting
from ledger.cli.answers import JsonOption
from ledger.cli.service_needs import show_whole
from ledger.cli.service_tables import Opened, opened, say
from ledger.errors import InputError
from ledger.parties.model import Party
from ledger.parties.queries import parties_with_role, party_by_label
from ledger.services import commands
from ledger.services.documents import Papers, request_code
from ledger.services.intake import usual_channel
from ledger.services.model import Request
from ledger.services.queries import number_of, request_by_number
from ledger.services.reading import office_calendar
from ledger.services.reminders import ReminderReport, remind_due
from ledger.services.routing import unit_by_code
from ledger.services.serving import check_handled, contract_named, customer_named
from ledger.services.shown import full
from ledger.services.telling import tell_due
from ledger.services.verbs import VERBS, Told, perform
from ledger.services.wording import moment_words

__all__ = ["act", "follow", "remind", "submit"]

AtOption = Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it happened, YYYY-MM-DDTHH:MM in Vietnam. Default: now.")]
ActorOption = Annotated[str | None, typer.Option("--actor", help="Who of the staff (`sonang staff list`) acts. Default: your account.")]
CHANNELS_SAID = "How it came in: web, app, api, agent-phone, counter, portal, internal."
ChannelOption = Annotated[str, typer.Option("--channel", help=CHANNELS_SAID)]
OrderedOption = Annotated[str | None, typer.Option("--channel", help=f"{CHANNELS_SAID} Default: counter, of a review internal.")]
ValueOption = Annotated[list[str] | None, typer.Option("--value", metavar="NAME=VALUE", help="A value; once for each.")]
UtilityOption = Annotated[str | None, typer.Option(metavar="LABEL", help="The party that signs for the utility. Default: the only one.")]
BesideOption = Annotated[list[str] | None, typer.Option(metavar="LABEL", help="Another customer who signs; once for each.")]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="First moment in force of the documents, like --at. Default: the service's.")
]
REQUEST = ("service", "metering_point", "unit", "contract", "party", "given")


def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A request as JSON; - reads standard input.")],
    *,
    channel: OrderedOption = None,
    actor: ActorOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Takes a request in and routes it to the unit that serves the place. What is missing may be given later.

    The file: {"service": "renewal", "metering_point": "PA01HH0000001", "given": {"customer_name": "…"}}; where there is no metering
    point yet, "unit": "PA01HH". "contract" is the look-up code of the contract it is about.

    [bold]Example:[/bold] sonang service submit request.json --channel counter
    """
    wish = _read(file, REQUEST)
    with opened() as held:
        session, service = held.session, str(wish.get("service", ""))
        by, staff = acting(session, actor, channel or usual_channel(service, "counter"))
        request = commands.submit(
            session,
            service=service,
            given=_mapping(wish.get("given", {}), "given"),
            actor=by,
            at=held.happened(at),
            metering_point=wish.get("metering_point"),
            unit=unit_by_code(session, wish["unit"]) if wish.get("unit") else None,
            party=customer_named(session, staff, wish["party"], "party") if wish.get("party") else None,
            contract=contract_named(session, staff, wish["contract"]) if wish.get("contract") else None,
        )
        _answer(held, request, as_json)


def act(
    number: Annotated[str, typer.Argument(metavar="REQUEST", help="Its code or number.")],
    verb: Annotated[str, typer.Argument(metavar="VERB", help=", ".join(VERBS))],
    *,
    value: ValueOption = None,
    facts: Annotated[Path | None, typer.Option(metavar="FILE", help="Facts of documents as JSON, by kind of document.")] = None,
    reason: Annotated[str, typer.Option(help="Why; for hand-back, go-back, reject, withdraw.")] = "",
    step: Annotated[str, typer.Option(help="The step to go back to.")] = "",
    unit: Annotated[str | None, typer.Option(metavar="CODE", help="The unit to assign to.")] = None,
    contract: Annotated[str | None, typer.Option(metavar="CODE", help="Look-up code of the contract it is about.")] = None,
    utility: UtilityOption = None,
    beside: BesideOption = None,
    begins: FromOption = None,
    seen: Annotated[int | None, typer.Option(help="The version you looked at; refused when somebody acted since.")] = None,
    channel: ChannelOption = "internal",
    actor: ActorOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Does something with a request; `sonang service show NUMBER` says what its step needs, `sonang service facts KIND` what a kind of
    document says.

    [bold]Example:[/bold] sonang service act 12 record --value needs_works=no --value supply_point=T15 --facts plan.json
    """
    with opened() as held:
        session, (by, staff) = held.session, acting(held.session, actor, channel)
        request = check_handled(staff, request_by_number(session, number_of(number)))
        others = [customer_named(session, staff, one, "--beside") for one in beside or []]
        told = Told(
            given=dict(_pair(one) for one in value or []),
            reason=reason,
            step=step,
            unit=unit_by_code(session, unit) if unit else None,
            contract=contract_named(session, staff, contract) if contract else None,
            papers=_papers(held, utility, _read(facts, None) if facts else {}, others, begins),
        )
        moment = held.happened(at, since=request.changed_s)
        version = request.version if seen is None else seen
        done = perform(session, request.id, verb, by, moment, seen=version, told=told)
        _answer(held, done, as_json)


def follow(*, at: AtOption = None, as_json: JsonOption = False) -> None:
    """Moves on every request whose documents are signed and sealed, and reckons anew whose turn it is. Run it every few minutes.

    [bold]Example:[/bold] sonang service follow
    """
    with opened() as held:
        done = commands.follow_due(held.session, held.happened(at))
        moved = [{"number": one.number, "code": request_code(one), "from": stood, "to": one.step} for one, stood in done.moved]
    words = [f"{one['code']}: {one['from']} → {one['to']}" for one in moved] or ["Chưa có hồ sơ nào ký xong · No more documents are signed"]
    words += [f"{code}: {why}" for code, why in done.refused]
    say(moved, lambda console: console.print("\n".join(words), markup=False), as_json)


def remind(*, at: AtOption = None, as_json: JsonOption = False) -> None:
    """Queues a reminder for each late or nearly late request to its unit's desk, once for a step and working day, and what customers
    were not told yet of requests handed back or ended; `sonang messages` delivers. Says what waits for the next working day.

    [bold]Example:[/bold] sonang service remind
    """
    with opened() as held:
        now, settings = held.moment(at), held.settings
        report = remind_due(held.session, now)
        days, url = settings.request_patience_days, settings.public_url.rstrip("/")
        told = tell_due(held.session, public_url=url, now=now, patience_days=days)
    answer = {"queued": report.queued, "nowhere": report.nowhere, "told": told, "waiting": report.waiting, "until": report.until}
    say(answer, lambda console: _show_reminders(console, report, told), as_json)


def _show_reminders(console: Console, report: ReminderReport, told: Sequence[str]) -> None:
    words = [f"Đã nhắc · Reminded of {code}" for code in report.queued]
    words += [f"Báo khách hàng · The customer is told: {code}" for code in told]
    if report.waiting:
        day = moment_words(office_calendar(), report.until).partition(" ")[0]
        count, codes = len(report.waiting), ", ".join(report.waiting)
        words += [f"{count} yêu cầu đã nhắc hôm nay hoặc chờ ngày làm việc, nhắc tiếp ngày {day}: {codes}"]
        words += [f"{count} were reminded of today already or wait for a working day, again on {day}"]
    console.print("\n".join(words) or "Không có gì mới để nhắc · Nothing new to remind of", markup=False)
    for unit in report.nowhere:
        command = f"sonang service unit add {unit} --desk ADDRESS"
        vi, en = ("giao yêu cầu cho một đơn vị", "assign its requests") if unit == "-" else (command, command)
        console.print(f"[yellow]{unit}: không ai đọc nhắc việc – {vi} ·[/]\n[yellow]{unit}: nobody reads its reminders – {en}[/]")


def _answer(held: Opened, request: Request, as_json: bool) -> None:
    """The request with the time it has left now, whenever what was written down happened."""
    held.session.commit()
    now = held.moment(None)
    say(full(held.session, request, now), lambda console: show_whole(console, held.session, request, now), as_json)


def _papers(held: Opened, label: str | None, facts: Mapping[str, Any], beside: Sequence[Party], begins: str | None) -> Papers | None:
    utility: Party | None
    if label is not None:
        utility = party_by_label(held.session, label)
    else:
        known = parties_with_role(held.session, "utility")
        utility = known[0] if len(known) == 1 else None
    if utility is None:
        return None
    given = {kind: _mapping(one, kind) for kind, one in facts.items()}
    return Papers(DocumentStore.of(held.settings), utility, given, beside, held.moment(begins) if begins else None)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"{text[:40]!r} has no =", field="value", fix="give it as NAME=VALUE")
    return name.strip(), value


def _read(file: Path, names: tuple[str, ...] | None) -> dict[str, Any]:
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as wrong:
        raise InputError(f"not JSON: {wrong}", field=file.name, fix="see `sonang service submit --help`") from None
    found = _mapping(found, file.name)
    unknown = sorted(set(found) - set(names)) if names is not None else []
    if unknown:
        raise InputError("not part of a request", field=unknown[0], fix=f"give {', '.join(names or ())}")
    return found


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError("not a group of names and values", field=name, fix='give it as {"name": "value"}')
    return value
