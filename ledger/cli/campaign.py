"""`sonang campaign`: one document for each of many customers, from a list to issued files."""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.drafting import TIME_ZONE
from ledger.campaigns import commands, queries
from ledger.campaigns.cancelling import cancel as give_up
from ledger.campaigns.cancelling import check_going, withdraw_next
from ledger.campaigns.model import Campaign
from ledger.campaigns.queries import STAGES, CampaignReport
from ledger.campaigns.rules import read_list
from ledger.campaigns.running import Runner
from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption, say, say_json
from ledger.cli.campaign_told import WORDS, tell_cancelled, tell_left_out, tell_report
from ledger.db import database
from ledger.endings import stoppable
from ledger.errors import InputError
from ledger.logs import log_as_json
from ledger.messages.carriers.chosen import open_carriers
from ledger.messages.delivery import deliver_due
from ledger.messages.sealing import prepare
from ledger.parties.queries import party_by_label
from ledger.sealing.batch import issuer_of
from ledger.sealing.sealer import open_sealer
from ledger.settings import Settings, load_settings
from ledger.signing.desk import open_desk, wall_clock

campaign = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Drafts, sends, seals and issues one document for each customer of a segment, and says who is stuck and why.\n\n"
    "[bold]Example:[/bold] sonang campaign start customers.csv --name 2026-large --kind supply-residential --over-kwh 3000",
)
NameArgument = Annotated[str, typer.Argument(help="The campaign's name.")]
ListArgument = Annotated[Path, typer.Argument(help="CSV with customer_code, name, kwh_per_month, contacts and the kind's facts.")]
NameOption = Annotated[str, typer.Option(help="What people call it.")]
KindOption = Annotated[str, typer.Option(help="Kind of document, for example supply-residential.")]
UtilityOption = Annotated[str, typer.Option(metavar="LABEL", help="The utility that signs last.")]
OverOption = Annotated[int | None, typer.Option(min=0, help="Only customers above so many kWh a month; the largest come first.")]
CommonOption = Annotated[Path | None, typer.Option(help="JSON file with facts that are the same for everybody.")]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day in force; today when not given.")]
DaysOption = Annotated[int, typer.Option(min=1, max=3650, help="Days from now in which documents may be signed.")]
AgainOption = Annotated[bool, typer.Option("--again", help="Customers who have, or are about to get, such a document get another one.")]
LeaveOutOption = Annotated[bool, typer.Option("--leave-out", help="Customers who have, or are about to get, such a document are left out.")]
ReasonOption = Annotated[str, typer.Option(metavar="WORDS", help="Why; the customers see it.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this; kept for ever.")]
WatchOption = Annotated[bool, typer.Option("--watch", help="Go on until everybody is done or stuck, or Ctrl-C.")]
DAY_S = 86_400


@campaign.command()
def start(
    path: ListArgument,
    *,
    name: NameOption,
    kind: KindOption,
    utility: UtilityOption = "utility",
    over_kwh: OverOption = None,
    common: CommonOption = None,
    from_day: FromOption = None,
    days: DaysOption = 60,
    again: AgainOption = False,
    leave_out: LeaveOutOption = False,
    as_json: JsonOption = False,
) -> None:
    """Keeps the customers of a segment, or nothing where a row is wrong or somebody has such a document already; drafts nothing yet.

    [bold]Example:[/bold] sonang campaign start customers.csv --name 2026-large --kind supply-residential --over-kwh 3000
    """
    served = _served(again=again, leave_out=leave_out)
    raw, shared = path.read_bytes(), _common(common)
    chosen = read_list(_text(raw, path), kind, shared, over_kwh=over_kwh, common_name=str(common))
    now = int(time.time())
    with database(load_settings()) as sessions, sessions.begin() as session:
        made = Campaign(
            name=name,
            kind=kind,
            utility=party_by_label(session, utility),
            valid_from=_first_second(from_day, now),
            deadline=now + days * DAY_S,
            over_kwh=over_kwh,
            file_name=path.name,
            file_digest=sha256(raw).digest(),
        )
        left_out = commands.start_campaign(session, made, chosen, served=served)
        begun = queries.report_of(session, made)
    if as_json:
        say_json({**asdict(begun), "left_out": left_out})
    else:
        tell_report(begun)
        tell_left_out(left_out)


@campaign.command()
def run(name: NameArgument, *, watch: WatchOption = False, as_json: JsonOption = False) -> int:
    """Does all that can be done now: drafts, sends links, signs for the utility, seals, issues; run it again to go on.

    Exit code 3: somebody is stuck; 4: customers have yet to sign.

    [bold]Example:[/bold] sonang campaign run 2026-large --watch
    """
    settings = load_settings()
    if not sys.stderr.isatty():  # there the bars tell it
        log_as_json(settings.log_level)
    with stoppable() as stop, database(settings) as sessions:
        with sessions() as session:
            going = queries.campaign_named(session, name)
            check_going(going)
            found = going.id
        with _runner(settings, sessions, shown=not as_json) as runner:
            report = runner.run(found, stop, watch=watch)
    tell_report(report, as_json=as_json)
    return 3 if report.counts["stuck"] else 4 if report.done < report.total else 0


@campaign.command()
def report(name: NameArgument, *, as_json: JsonOption = False) -> None:
    """Says how far everybody has come, and who is stuck and why.

    [bold]Example:[/bold] sonang campaign report 2026-large
    """
    settings = load_settings()
    with database(settings) as sessions, sessions() as session:
        cooling = settings.contact_cooling_off_s
        tell_report(queries.report_of(session, queries.campaign_named(session, name), cooling_off_s=cooling), as_json=as_json)


@campaign.command()
def retry(name: NameArgument) -> None:
    """Lets the next run try again what was refused, once its cause is mended.

    [bold]Example:[/bold] sonang campaign retry 2026-large
    """
    with database(load_settings()) as sessions, sessions.begin() as session:
        count = commands.retry(session, queries.campaign_named(session, name))
    say(f"{count} sẽ được thử lại · will be tried again by `sonang campaign run {name}`")


@campaign.command()
def cancel(name: NameArgument, *, reason: ReasonOption, by: ByOption, as_json: JsonOption = False) -> None:
    """Gives a campaign up: nobody else gets a document, what nobody has signed is withdrawn, what was signed stays; again, it goes on.

    [bold]Example:[/bold] sonang campaign cancel 2026-large --reason 'Biểu giá mới từ 01/07' --by 'Phòng Kinh doanh'
    """
    settings, after, withdrawn = load_settings(), -1, 0
    with stoppable() as stop, database(settings) as sessions:
        with sessions.begin() as session:
            found = queries.campaign_named(session, name)
            give_up(session, found, by=by, reason=reason)
            number = found.id
        with Progress(*_columns(), console=Console(stderr=True), disable=as_json) as bars:
            task = bars.add_task("thôi mời ký · withdrawing", total=None)
            while not stop.is_set() and (ended := withdraw_next(sessions, number, after, now_s=wall_clock)) is not None:
                after, withdrawn = ended[0], withdrawn + ended[1]
                bars.advance(task)
        with sessions() as session:
            report = queries.report_of(session, queries.campaign_named(session, name), cooling_off_s=settings.contact_cooling_off_s)
    tell_report(report, as_json=as_json)
    if not as_json:
        say(f"  {withdrawn:>7} văn bản vừa được dừng · documents withdrawn just now")


@campaign.command(name="list")
def show(*, as_json: JsonOption = False) -> None:
    """Lists campaigns, the newest first.

    [bold]Example:[/bold] sonang campaign list
    """
    with database(load_settings()) as sessions, sessions() as session:
        found = [queries.report_of(session, one, most=0) for one in queries.campaigns(session)]
    if as_json:
        say_json([asdict(one) for one in found])
    elif not found:
        say("Chưa có chiến dịch nào · No campaign yet: sonang campaign start --help")
    else:
        for one in found:
            say(f"{one.name}: {one.kind}, {one.done} / {one.total} {WORDS['issued']}, {one.counts['stuck']} {WORDS['stuck']}")
            tell_cancelled(one)


@contextlib.contextmanager
def _runner(settings: Settings, sessions: sessionmaker[Session], *, shown: bool) -> Iterator[Runner]:
    with contextlib.ExitStack() as opened:
        gateway = opened.enter_context(contextlib.closing(Gateway.connect(settings)))
        carriers = opened.enter_context(open_carriers(settings))
        with sessions.begin() as session:
            opener = prepare(session, settings)
        bars = opened.enter_context(Progress(*_columns(), console=Console(stderr=True), disable=not shown))
        tasks = {stage: bars.add_task(WORDS[stage], total=None) for stage in STAGES[1:6]}

        def told(now: CampaignReport) -> None:
            reached = 0
            for stage in reversed(STAGES[1:6]):
                reached += now.counts[stage]
                bars.update(tasks[stage], total=now.total, completed=reached)

        issuer = issuer_of(open_sealer(settings), settings.seal_at_once)
        desk = open_desk(settings, sessions, gateway)
        yield Runner(desk, issuer, lambda: deliver_due(sessions, carriers, opener, limit=1_000), told)


def _columns() -> tuple[ProgressColumn, ...]:
    return TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()


def _served(*, again: bool, leave_out: bool) -> commands.Served:
    if again and leave_out:
        raise InputError("they get another one, or are left out", field="--again", fix="give one of --again and --leave-out")
    return "again" if again else "leave-out" if leave_out else "refuse"


def _text(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise InputError(f"not UTF-8 at byte {wrong.start}", field=str(path), fix="save the list as CSV, UTF-8") from None


def _common(path: Path | None) -> Mapping[str, object]:
    try:
        given = {} if path is None else orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as wrong:
        raise InputError(f"not JSON: {wrong}", field=str(path), fix="give an object of facts by name") from None
    if not isinstance(given, dict):
        raise InputError("not an object", field=str(path), fix="give an object of facts by name")
    return given


def _first_second(day: str | None, now: int) -> int:
    zone = ZoneInfo(TIME_ZONE)
    try:
        date = datetime.datetime.fromtimestamp(now, zone).date() if day is None else datetime.date.fromisoformat(day)
    except ValueError:
        raise InputError(f"no date: {day!r}", field="--from", fix="give it as 2026-07-01") from None
    return int(datetime.datetime.combine(date, datetime.time(), zone).timestamp())
