"""`python -m scripts.contracts`: the demo's e-contracts by themselves, in force from the chain's today; nothing is left running."""

from __future__ import annotations

from ledger.cli import loading

with loading("contracts"):
    import json
    import sys
    from argparse import ArgumentParser
    from contextlib import ExitStack
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from ledger.agreements.drafting import TIME_ZONE
    from ledger.day import ground
    from ledger.day.progress import bars
    from ledger.day.stage import Stage
    from ledger.settings import Settings, load_settings
    from scripts.contracts.outcome import outcome
    from scripts.contracts.run import signed
    from scripts.contracts.summary import print_contracts
    from scripts.ending import ended


def main() -> int:
    """Signs, seals, issues and logs what is not done yet, and says what came of it."""
    parser = ArgumentParser(prog="contracts", description=__doc__)
    parser.add_argument("--json", action="store_true", help="answer as JSON on standard output")
    as_json = parser.parse_args().json
    return ended("contracts", lambda: contracts(load_settings(), as_json=as_json))


def contracts(settings: Settings, *, as_json: bool) -> None:
    """The contracts by themselves."""
    with ExitStack() as shown, ground.database(settings) as sessions, ground.chain(settings) as bare:
        step = shown.enter_context(bars(Console(stderr=True)))
        with ground.staged(settings, sessions, bare, step) as stage, signed(stage, _today(stage)) as made:
            shown.close()
            found = outcome(stage, made)
            if as_json:
                print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
            else:
                print_contracts(Console(highlight=False), found)


def _today(stage: Stage) -> date:
    """The day by the chain's clock."""
    return datetime.fromtimestamp(stage.now(), ZoneInfo(TIME_ZONE)).date()


if __name__ == "__main__":
    sys.exit(main())
