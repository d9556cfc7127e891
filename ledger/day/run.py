"""The main job: a day of trade in a zone, or several in a row, from agreements to settlement. Running it again changes nothing."""

from __future__ import annotations

import calendar
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.day import closing, ground, installation, papers, people, trading
from ledger.day.delivery import deliver
from ledger.day.keyring import refuse_to_play
from ledger.day.nodes import Nodes
from ledger.day.proofs import prove
from ledger.day.report import Report, day_report
from ledger.day.stage import DAYS, Stage, Step
from ledger.errors import NotFoundError, RuleError
from ledger.metering.model import Zone
from ledger.metering.queries import HomeData, days_with_data, homes_of_zone, zone_by_name
from ledger.metering.rules import DAY_S, day_start, shown, unit_starts
from ledger.settings import Settings
from ledger.settlement.queries import last_run

__all__ = ["Asked", "Done", "Trade", "traded"]

CLOSING = "Thanh toán bù trừ · Cleared and settled"
RECORDED = "Ghi lên chuỗi · Recorded on chain"


@dataclass(frozen=True)
class Asked:
    """Which days to run.

    Attributes:
        days: how many in a row, from `first` on.
        lose_an_oracle: kill one of the four nodes half-way through the first day, to show that the day completes.
    """

    zone: str
    first: date
    days: int = 1
    lose_an_oracle: bool = False

    @classmethod
    def month(cls, zone: str, day: date, *, lose_an_oracle: bool = False) -> Asked:
        """The whole month a day is in."""
        return cls(zone, day.replace(day=1), calendar.monthrange(day.year, day.month)[1], lose_an_oracle)

    @property
    def dates(self) -> list[date]:
        """The days, as far as a calendar goes."""
        first = self.first.toordinal()
        return [date.fromordinal(day) for day in range(first, min(first + self.days, date.max.toordinal() + 1))]


@dataclass(frozen=True)
class Trade:
    """The days chosen: the zone, its homes, and each day's first second."""

    zone: Zone
    homes: Sequence[HomeData]
    starts: Sequence[int]


@dataclass(frozen=True)
class Done:
    """What came of it: one report a day, and what the days stand on, still open."""

    stage: Stage
    trade: Trade
    reports: Sequence[Report]


@contextlib.contextmanager
def traded(settings: Settings, sessions: sessionmaker[Session], asked: Asked, step: Step) -> Iterator[Done]:
    """Runs the days that were not run yet; what they stand on stays open while the block runs, and is put away afterwards.

    Raises:
        NotFoundError: no such zone, or no data on the first day.
        RuleError: the chain's clock has passed a day that is not traded yet.
        SettingsError: the chain is not the devchain.
        ConflictError: another run is at it.
    """
    with contextlib.ExitStack() as lock:
        lock.enter_context(ground.alone(settings))
        trade = choose(sessions, asked)
        with ground.chain(settings) as bare:
            check_clock(bare, sessions, trade)
            with ground.staged(settings, sessions, bare, step) as stage:
                _run(stage, trade, asked)
                reports = [day_report(stage, trade.zone, day, prove(stage, trade.zone, day)) for day in trade.starts]
                lock.close()
                yield Done(stage, trade, reports)


def choose(sessions: sessionmaker[Session], asked: Asked) -> Trade:
    """The days asked for that have data; a day without any is left out of several.

    Raises:
        NotFoundError: no such zone, or no data on any of them.
    """
    with sessions() as session:
        zone = zone_by_name(session, asked.zone)
        first = day_start(asked.first, zone.utc_offset_s)
        known = days_with_data(session, zone)
        starts = [day.period_start for day in known if first <= day.period_start < first + asked.days * DAY_S and day.whole_homes]
        if not starts:
            whole = [str(day.day) for day in known if day.whole_homes]
            fix = f"choose a day from {whole[0]} to {whole[-1]}" if whole else "import a file with a whole day: `sonang import-readings`"
            raise NotFoundError(f"zone {zone.name!r} has no whole day of data on {asked.first}", field="--date", fix=fix)
        return Trade(zone, homes_of_zone(session, zone), starts)


def check_clock(gateway: Gateway, sessions: sessionmaker[Session], trade: Trade) -> None:
    """Makes sure that every gate that is still to close lies ahead.

    Raises:
        RuleError: one has passed: nobody can commit orders for a unit afterwards.
        SettingsError: the gates lie ahead on a real chain, where owners and meters sign for themselves.
    """
    now, zone = gateway.block("latest").timestamp, trade.zone
    with sessions() as session:
        gate = trading.next_gate(session, zone, trade.starts)
    if gate is None or now <= gate:
        refuse_to_play(gateway.chain_id)
        return
    if gateway.is_devchain:
        fix = "one folder is one chain and its clock only moves forward: choose a later day, or another folder (SONANG_STATE_DIR=…)"
    else:
        fix = "choose a day that is still to come; only the devchain, whose clock can be moved, replays a day that is over"
    closed, time = (shown(moment, zone.utc_offset_s) for moment in (gate, now))
    raise RuleError(f"the gate closed at {closed} and the chain's time is {time}", field="--date", fix=fix)


def _run(stage: Stage, trade: Trade, asked: Asked) -> None:
    open_days = [start for start in trade.starts if not _settled(stage, trade.zone, start)]
    if not open_days:
        return
    ground.start_worker(stage)
    nodes = Nodes(stage.settings, stage.gateway, stage.children)
    _prepare(stage, trade, open_days)
    for place, day in enumerate(open_days, start=1):
        _trade_day(stage, trade, day, nodes, lose_one=asked.lose_an_oracle and day == trade.starts[0])
        if len(open_days) > 1:
            stage.step(DAYS, place, len(open_days))
    nodes.close()


def _prepare(stage: Stage, trade: Trade, days: Sequence[int]) -> None:
    """Parties, meters, agreements and orders; all of it is on chain before the first gate closes."""
    zone, homes = trade.zone, trade.homes
    intents = people.register(stage, zone, homes)
    intents += installation.install(stage, zone, homes, days[0])
    intents += papers.agree(stage, zone, homes, days[0])
    stage.wait(intents, step=RECORDED)
    trading.sign_orders(stage, zone, homes, days[0], days[-1] + DAY_S)


def _trade_day(stage: Stage, trade: Trade, day: int, nodes: Nodes, *, lose_one: bool) -> None:
    zone = trade.zone
    trading.walk(stage, zone, day, day + DAY_S, shown=unit_starts(day, zone.interval_s))
    stage.wait([deliver(stage, zone, day, nodes, lose_one=lose_one)])
    stage.step(CLOSING, 1, 4)
    stage.wait(closing.clear(stage, zone, day))
    stage.step(CLOSING, 2, 4)
    trading.walk(stage, zone, day, closing.final_at(stage, zone, day))
    stage.step(CLOSING, 3, 4)
    stage.wait([closing.settle(stage, zone, day)], "final")
    stage.step(CLOSING, 4, 4)


def _settled(stage: Stage, zone: Zone, day: int) -> bool:
    """Whether a day's settlement is final."""
    with stage.sessions() as session:
        run = last_run(session, zone, day)
        return run is not None and session.get_one(OutboxIntent, run.intent_id).state == "final"
