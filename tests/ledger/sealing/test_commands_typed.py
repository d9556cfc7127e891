"""What an auditor and an operator type, run as they type it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.protocol.quantities import hex0x
from ledger.sealing.sealer import Sealer
from ledger.sealing.working import work
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.rules import parse_entry
from tests.chain_stage import eventually
from tests.ledger.sealing.office import Issued, Office

SONANG = (sys.executable, "-m", "ledger.cli", "seal")


def environment(office: Office, engine: Engine, authority: AuthorityFiles, **changes: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    return {
        **plain,
        "SONANG_STATE_DIR": str(office.state_dir),
        "SONANG_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SONANG_SEAL_PKCS12": str(authority.pkcs12("seal")),
        "SONANG_SEAL_PASSPHRASE": authority.passphrase(),
        "SONANG_SEAL_TRUST_ROOTS": str(authority.root),
        "SONANG_TSA_URL": authority.tsa_url,
        **changes,
    }


def test_pyhanko_itself_validates_both_signatures_online_and_for_the_long_term_with_only_the_root(
    issued: Issued, authority: AuthorityFiles, tmp_path: Path
) -> None:
    file = tmp_path / "issued.pdf"
    file.write_bytes(issued.pdf)
    pyhanko = str(Path(sys.executable).with_name("pyhanko"))
    archived = issued.levels[-1].archived_at
    assert archived is not None
    later = archived.replace(microsecond=0) + timedelta(seconds=1)
    for command in (("validate",), ("adesverify", "--validation-time", later.isoformat())):
        asked = [pyhanko, "sign", *command, "--trust", str(authority.root), "--trust-replace", "--executive-summary", str(file)]
        told = subprocess.run(asked, check=False, capture_output=True, text=True, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        assert told.stdout.count(":VALID") == 2
        assert "INVALID" not in told.stdout


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
def test_pdfsig_sees_both_signatures(issued: Issued, tmp_path: Path) -> None:
    file = tmp_path / "issued.pdf"
    file.write_bytes(issued.pdf)
    told = subprocess.run(["pdfsig", "-nocert", str(file)], check=True, capture_output=True, text=True).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 2
    for field in ("SoNangApprovals", "SoNangSeal"):
        assert f"Signature Field Name: {field}" in told


def test_a_killed_worker_loses_nothing_and_the_next_one_goes_on(
    office: Office, engine: Engine, authority: AuthorityFiles, sealer: Sealer
) -> None:
    asked = office.ask(3)
    killed = subprocess.Popen(SONANG, env=environment(office, engine, authority), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: any(office.store.issued_path(one).exists() for one in asked), 60)
    killed.kill()
    killed.wait()
    left = {one: office.store.issued_path(one).read_bytes() for one in asked if office.store.issued_path(one).exists()}
    eventually(lambda: work(office.sessions, office.store, sealer, threading.Event(), watch=False).refused == {} and not office.waits(), 60)
    entries = office.logged()
    assert sorted(one.document for one in entries) == sorted(asked), "each is issued once"
    for one in entries:
        assert parse_entry(one.data).digest == sha256(office.store.read_issued(one.document)).digest()
    assert all(office.store.read_issued(one) == pdf for one, pdf in left.items()), "what was written before the kill is what was issued"


def test_a_watching_worker_waits_for_an_authority_until_it_is_told_to_stop_and_says_what_waits_and_why(
    office: Office, engine: Engine, authority: AuthorityFiles
) -> None:
    given = environment(office, engine, authority, SONANG_TSA_URL="http://127.0.0.1:9/tsa")
    watching = subprocess.Popen([*SONANG, "--watch"], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    (agreement,) = office.ask()
    eventually(lambda: office.job(agreement).reason is not None, 60)
    watching.send_signal(signal.SIGTERM)
    told, logged = watching.communicate(timeout=60)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["event"] for line in lines] == ["sealing", *(["waits"] * (len(lines) - 2)), "stopped"]
    assert all(line["agreement"] == hex0x(agreement) and "does not answer" in line["reason"] for line in lines[1:-1])
    assert watching.returncode == 3
    assert "0 đã phát hành · issued, 1 đang chờ · waiting" in told
    assert f"{agreement.hex()}  chờ · waiting" in told
    assert "the time-stamp authority does not answer" in told
