"""A day that is stopped anywhere leaves nothing running and is finished by the next run, with the same totals to the last milli-đồng."""

from __future__ import annotations

import contextlib
import datetime
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from ledger.agreements.model import AgreementRow
from ledger.chain.devchain import Devchain, running_anvil
from ledger.chain.devchain_config import load_devchain_config
from ledger.cli import AGAIN
from tests.stories.village import ROOT, Village

pytestmark = pytest.mark.slow
DAY = "2016-05-21"
SERVERS = ("anvil", "postgres")


@pytest.fixture
def village() -> Iterator[Village]:
    """A village whose first day is still to come; whatever a killed run left is ended with it."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        made = Village(Path(folder))
        yield made
        made.settles_to(*SERVERS)
        for pid, command in made.processes().items():
            if any(server in command for server in SERVERS) and psutil.pid_exists(pid):
                psutil.Process(pid).kill()


@dataclass(frozen=True)
class Undisturbed:
    """The day when nobody interferes: what it comes to, and how long it takes."""

    totals: dict[str, int]
    seconds: float

    def moment(self, chance: random.Random) -> float:
        """Some moment of the day but its very end, in seconds from its beginning."""
        return chance.uniform(0.05, 0.95) * self.seconds


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[Undisturbed]:
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        village = Village(Path(folder)).imported()
        begun = time.monotonic()
        totals = village.day(DAY)["totals"]
        yield Undisturbed(totals, time.monotonic() - begun)


def interrupted(village: Village, seconds: float, how: signal.Signals) -> tuple[int | None, str]:
    """Starts the day and stops it so long after it has begun; its exit code, None when it had ended before, and what it complained of."""
    process = village.start("day", "--zone", "village", "--date", DAY, "--report", str(village.report()), "--lose-an-oracle")
    while process.poll() is None and not (village.folder / "state" / "run" / f"day.{process.pid}.json").exists():
        time.sleep(0.02)  # on a busy machine the interpreter alone may take seconds
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        answer, said = process.communicate(timeout=60)
        late = process.returncode == -how and "Sổ Nắng" in answer  # summed up, and caught while the interpreter was putting itself away
        if process.returncode == -how and AGAIN in said:  # CPython ends so where a Ctrl-C met source that was given to `exec` as text
            return 128 + how, said
        return None if late or process.returncode == 0 else process.returncode, said
    return None, ""


def test_a_day_killed_again_and_again_is_finished_with_the_same_totals(village: Village, undisturbed: Undisturbed) -> None:
    chance = random.Random(1)
    village.imported()
    for _ in range(4):
        interrupted(village, undisturbed.moment(chance), signal.SIGKILL)
        left = village.settles_to(*SERVERS)
        assert all(any(server in command for server in SERVERS) for command in left.values()), "children end with their parent"
    report = village.day(DAY)
    assert report["totals"] == undisturbed.totals
    assert all(check["holds"] for check in report["checks"])
    assert [Path(one["file"]).is_file() for one in report["agreements"]] == [True] * 3
    held = {Path(one["file"]) for one in report["agreements"]}
    orphans = set((village.folder / "state" / "agreements").glob("*.pdf")) - held
    with village.database() as session:
        rows = {row.id.hex() for row in session.scalars(select(AgreementRow))}
    assert not rows & {file.stem for file in orphans}, "a file whose row was never committed is swept away later; a row has one document"
    assert village.processes() == {}, "the run that ends in order stops the servers its predecessors left"


def test_a_day_that_is_asked_to_stop_leaves_nothing_running_at_once(village: Village, undisturbed: Undisturbed) -> None:
    chance = random.Random(1)
    village.imported()
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        code, said = interrupted(village, undisturbed.moment(chance), how)
        assert code in (None, 128 + how), said
        assert village.processes() == {}
    assert village.day(DAY)["totals"] == undisturbed.totals


def test_a_second_ctrl_c_does_not_tear_the_putting_away(village: Village) -> None:
    village.imported()
    process = village.start("day", "--zone", "village", "--date", DAY, "--report", str(village.report()))
    time.sleep(6)
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    process.communicate(timeout=60)
    assert village.processes() == {}


def test_a_devchain_that_a_person_started_is_left_running(village: Village) -> None:
    village.imported()
    assert village.sonang("devchain", "up", "--port", "0").returncode == 0
    assert village.sonang("deploy").returncode == 0, "with four placeholders for oracles, which the day replaces"
    village.day(DAY)
    (command,) = village.processes().values()
    assert "anvil" in command
    assert village.sonang("devchain", "down").returncode == 0
    assert village.processes() == {}


def test_two_days_at_once_are_one_too_many(village: Village) -> None:
    village.imported()
    first = village.start("day", "--zone", "village", "--date", DAY, "--report", str(village.report()))
    while not (village.folder / "state" / "day.lock").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    first.send_signal(signal.SIGSTOP)  # so that it is still at it when the second gets there, however long that one takes to start
    second = village.sonang("day", "--zone", "village", "--date", DAY, "--report", str(village.report("second")))
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "another day runs here" in second.stderr
    first.communicate(timeout=120)
    assert first.returncode == 0
    assert village.processes() == {}


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Devchain]]:
    """Starts chains that are not the devchain, and ends them."""
    with contextlib.ExitStack() as opened:

        def start(**changes: object) -> Devchain:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            config = load_devchain_config(ROOT).model_copy(update={"chain_id": 777_001, **changes})
            return opened.enter_context(running_anvil(config, directory=folder))

        yield start


def test_a_day_that_is_over_is_refused_on_any_other_chain(village: Village, elsewhere: Callable[..., Devchain]) -> None:
    chain = elsewhere(genesis_time=datetime.datetime.now(datetime.UTC))
    done = village.imported().sonang("day", "--zone", "village", "--date", DAY, SONANG_RPC_URL=str(chain.url))
    assert done.returncode == 1
    assert "the gate closed at 2016-05-20 23:00 +01:00" in done.stderr
    assert "only the devchain, whose clock can be moved, replays a day that is over" in done.stderr


def test_nobody_is_played_on_a_real_chain_even_when_the_day_is_still_to_come(village: Village, elsewhere: Callable[..., Devchain]) -> None:
    done = village.imported().sonang("day", "--zone", "village", "--date", DAY, SONANG_RPC_URL=str(elsewhere().url))
    assert done.returncode == 1
    assert "owners and meters are played on the devchain only, and this is chain 777001" in done.stderr
    assert not (village.folder / "state" / "keys").exists()
