"""The example in docs/campaigns.md is one: its files are written by its own lines, and its first command starts a campaign from them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.casting import render_fast
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import facts_from
from ledger.agreements.store import DocumentStore
from ledger.campaigns import queries
from ledger.campaigns.model import CampaignMember
from ledger.cli.program import build
from ledger.parties.commands import draft_party


def test_the_page_starts_a_campaign(
    *,
    engine: Engine,
    sessions: sessionmaker[Session],
    project_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (project_root / "docs/campaigns.md").read_text()
    block = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    "))
    files = "\n".join(re.findall(r"^cat > .*?^END$", block, flags=re.MULTILINE | re.DOTALL))
    (started,) = re.findall(r"^sonang (campaign start .*)$", block, flags=re.MULTILINE)
    subprocess.run(["bash", "-euc", files], cwd=tmp_path, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"customers.csv", "utility.json"}
    with sessions.begin() as session:
        utility = draft_party(session, label="utility", role="utility", name="Công ty Điện lực Hồng Hà", signer=None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SONANG_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SONANG_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    build("campaign")(shlex.split(started), standalone_mode=False)

    with sessions() as session:
        campaign = queries.campaign_named(session, "2026-large")
        members = session.scalars(select(CampaignMember).order_by(CampaignMember.place)).all()
        assert [(one.label, one.kwh_per_month) for one in members] == [("PA01HH0000101", 3_480), ("PA01HH0000102", 3_120)]
        for one in members:  # and each of them can be drafted
            assert one.given is not None
            customer = draft_party(session, label=one.label, role="customer", name=one.given["name"], signer=None)
            draft_agreement(
                session,
                DocumentStore(tmp_path / "drafts"),
                parties=(customer, session.merge(utility)),
                kind="supply-residential",
                facts=facts_from("supply-residential", one.given["facts"]),
                valid_from=campaign.valid_from,
                deadline=campaign.deadline,
                renderer=render_fast,
            )
    given_up = ["campaign", "cancel", "2026-large", "--reason", "Biểu giá mới", "--by", "Phòng Kinh doanh", "--json"]
    for first in (True, False):
        capsys.readouterr()
        build("campaign")(given_up if first else [*given_up[:-2], "an", "--json"], standalone_mode=False)
        told = json.loads(capsys.readouterr().out)
        assert (told["counts"]["cancelled"], told["cancelled"]["by"], told["cancelled"]["why"]) == (2, "Phòng Kinh doanh", "Biểu giá mới")
    build("campaign")(["campaign", "list"], standalone_mode=False)
    assert "Phòng Kinh doanh: Biểu giá mới" in capsys.readouterr().out
