"""A campaign killed again and again, as a real process, ends with one document and one link for every customer."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger.agreements.model import AgreementRow
from ledger.campaigns.model import CampaignMember
from ledger.messages.model import Message
from ledger.parties.commands import draft_party
from ledger.signing.utility import utility_key
from ledger.test_authority.running import running_test_authority
from tests.chain_stage import ChainStage
from tests.ledger.campaigns.customers import COMMON, KIND, customer, listed

SONANG = str(Path(sys.executable).with_name("sonang"))
CUSTOMERS, KILLS = 80, 2
pytestmark = pytest.mark.slow


def test_kill_9_at_random_moments_leaves_nobody_out_and_nobody_twice(stage: ChainStage, tmp_path: Path) -> None:
    with stage.sessions.begin() as session:
        draft_party(session, label="utility", role="utility", name="Điện lực Tân Thuận", signer=utility_key(stage.settings, 31337).signer)
    (tmp_path / "list.csv").write_text(listed([customer(number) for number in range(CUSTOMERS)]), encoding="utf-8")
    (tmp_path / "common.json").write_text(json.dumps(COMMON), encoding="utf-8")
    with running_test_authority(stage.settings.state_dir):
        environment = stage.environment(SONANG_MAILBOX="1")
        start = ["start", str(tmp_path / "list.csv"), "--name", "all", "--kind", KIND, "--common", str(tmp_path / "common.json")]
        subprocess.run([SONANG, "campaign", *start], env=environment, check=True, capture_output=True, timeout=60)
        drafted = []
        for _ in range(KILLS):
            before = count(stage)
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            running = subprocess.Popen([SONANG, "campaign", "run", "all"], env=environment, **quiet)
            await_more(stage, before, running)
            time.sleep(random.random() * 0.2)
            running.send_signal(signal.SIGKILL)
            running.communicate(timeout=20)
            drafted.append(count(stage))
        assert drafted[0] < CUSTOMERS, "killed too late to tell anything: make the list longer"
        done = subprocess.run([SONANG, "campaign", "run", "all", "--json"], env=environment, capture_output=True, check=False, timeout=120)
        assert done.returncode == 4, done.stderr.decode()
        told = json.loads(done.stdout)
        assert (told["total"], told["counts"]["invited"], told["stuck"]) == (CUSTOMERS, CUSTOMERS, [])
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AgreementRow)) == CUSTOMERS
        assert session.scalar(select(func.count(func.distinct(CampaignMember.agreement_id)))) == CUSTOMERS
        links = select(func.count(), func.count(func.distinct(Message.about))).where(Message.key.startswith("signing-link/"))
        assert session.execute(links).one() == (CUSTOMERS, CUSTOMERS)


def count(stage: ChainStage) -> int:
    """How many documents there are."""
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(AgreementRow)) or 0


def await_more(stage: ChainStage, before: int, running: subprocess.Popen[bytes]) -> None:
    """Returns once the process has drafted something."""
    deadline = time.monotonic() + 60
    while count(stage) == before:
        assert running.poll() is None, running.stderr and running.stderr.read().decode()
        assert time.monotonic() < deadline, "nothing is drafted"
        time.sleep(0.01)
