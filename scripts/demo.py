"""`make demo`: a day of rooftop-solar trade in a village of 40 homes, from signed agreements to proofs, then the app until Ctrl-C.

One of the four oracles is killed half-way, and the day completes all the same. Run it again and nothing changes.
"""

from __future__ import annotations

from ledger.cli import loading

with loading("demo"):
    import sys
    import time
    from argparse import ArgumentParser
    from contextlib import ExitStack
    from datetime import date
    from pathlib import Path

    from rich.console import Console
    from sqlalchemy.orm import Session, sessionmaker

    from ledger.chain.deployment import record_to_name
    from ledger.cli.serve import serve_until_stopped
    from ledger.day import data, ground
    from ledger.day.period import combined
    from ledger.day.progress import bars
    from ledger.day.run import Asked, traded
    from ledger.day.summary import print_summary, write_report
    from ledger.errors import UnavailableError
    from ledger.invocation import as_typed
    from ledger.law.entries import Region
    from ledger.messages.carriers.chosen import MAILBOX
    from ledger.metering.commands import create_zone, import_file
    from ledger.metering.prices import prices_in_force
    from ledger.metering.queries import find_zone
    from ledger.settings import Settings, load_settings
    from oracle.sources.amounts import Unit
    from oracle.sources.clock import Clock
    from oracle.sources.csv import CsvFormat, read_intervals
    from oracle.sources.homes import read_capacities
    from scripts.contracts.customers import CUSTOMERS
    from scripts.contracts.outcome import outcome
    from scripts.contracts.run import keep_office, signed
    from scripts.contracts.summary import print_contracts
    from scripts.ending import ended

ZONE = "demo"
REGION: Region = "south"
HALF_HOUR_S = 1800

SHAPE = CsvFormat(
    meter_column="home",
    start_column="interval_start",
    import_column="grid_import_wh",
    export_column="grid_export_wh",
    unit=Unit.WH,
    clock=Clock(data.TIME_ZONE),
    interval_s=HALF_HOUR_S,
)


def main() -> int:
    """Runs the day, says what came of it, and serves the app unless `--oneshot`; the exit code is 0 only when all went well."""
    parser = ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--oneshot", action="store_true", help="end after the summary")
    given = parser.parse_args()
    return ended("demo", lambda: demo(load_settings(), oneshot=given.oneshot))


def demo(settings: Settings, *, oneshot: bool) -> None:
    """The day, its summary, and the app."""
    told, started = Console(stderr=True), time.monotonic()
    asked = Asked(ZONE, date.fromisoformat(data.FIRST_DAY), lose_an_oracle=True)
    with ExitStack() as shown, ground.database(settings) as sessions:
        step = shown.enter_context(bars(told))
        import_week(sessions)
        with traded(settings, sessions, asked, step) as done, signed(done.stage, asked.first) as contracts:
            report, file = combined(done.reports), settings.state_dir / "reports" / f"{ZONE}-{data.FIRST_DAY}.json"
            page = write_report(report, file)
            shown.close()
            print_summary(Console(highlight=False), report, file, record=record_to_name(settings, done.stage.gateway.chain_id))
            print_contracts(Console(highlight=False), outcome(done.stage, contracts))
            told.print(f"{time.monotonic() - started:.1f} s", style="dim", highlight=False)
            if not oneshot:
                ground.start_worker(done.stage)
                keep_office(done.stage, contracts)
                offer(settings, page, f"zones/{report['zone_id']}/days/{data.FIRST_DAY}")


def import_week(sessions: sessionmaker[Session]) -> None:
    """The demo's own week of readings into its zone, once."""
    with sessions.begin() as session:
        zone = find_zone(session, ZONE) or create_zone(
            session,
            name=ZONE,
            time_zone=SHAPE.clock.name,
            region=REGION,
            interval_s=HALF_HOUR_S,
            utc_offset_s=SHAPE.clock.standard_offset_s(next(read_intervals(data.READINGS, SHAPE)).start),
            prices=prices_in_force(REGION, date.today()),  # noqa: DTZ011 - the law's day is the calendar's
        )
        import_file(session, zone, data.READINGS, SHAPE, capacities=read_capacities(data.HOMES))


def offer(settings: Settings, page: Path, day: str) -> None:
    """Serves the app until Ctrl-C, on the usual port or, when that is taken, on any free one, and says where the day's page is."""
    log = settings.state_dir / "logs" / "serve.log"
    log.parent.mkdir(parents=True, exist_ok=True)

    codes, letters = " ".join(customer.code for customer in CUSTOMERS), as_typed(settings.state_dir / MAILBOX)

    def say(url: str) -> None:
        print(f"Sổ Nắng: {url}\nNgày này · this day: {url}{day}\nNhật ký · log: {as_typed(log)}")
        print(f"Hợp đồng của khách · customers’ contracts: {url}my ({codes}; mã đến · codes come to {letters})")
        print("Ctrl-C dừng · ends it", flush=True)

    print(f"\nMở báo cáo · open the report: {as_typed(page)}", flush=True)
    with log.open("a", encoding="utf-8") as logs:
        try:
            serve_until_stopped(say, logs=logs)
        except UnavailableError:
            serve_until_stopped(say, port=0, logs=logs)


if __name__ == "__main__":
    sys.exit(main())
