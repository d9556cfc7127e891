"""A fresh installation gets its utility, its units and customers by the command line, and every refusal names the command that helps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.model import OutboxIntent
from ledger.parties.contacts import contacts_of
from ledger.parties.queries import party_by_label
from ledger.signing.utility import utility_key
from tests.calling import Sonang, answer, calling
from tests.conftest import World

UTILITY = ("party", "add", "utility", "--role", "utility", "--name", "Công ty Điện lực Hồng Hà")
CUSTOMER = ("party", "add", "PA01HH0000001", "--role", "customer", "--name", "Nguyễn Thị A")
RUN = 'sonang party add utility --role utility --name "…"'


@pytest.fixture
def sonang(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sonang:
    """Runs `sonang …` in this process, on an installation where nothing was added yet."""
    return calling(monkeypatch, capfd, environment)


def test_the_utility_is_added_once_and_registers_itself_with_the_key_that_signs_documents(
    sonang: Sonang, world: World, sessions: sessionmaker[Session]
) -> None:
    assert RUN in sonang("party", "list")[1]
    made = answer(sonang(*UTILITY, "--json"))
    assert (made["role"], made["registration"]) == ("utility", "queued")
    assert answer(sonang(*UTILITY, "--json")) == made
    with sessions() as session:
        (intent,) = session.query(OutboxIntent).all()
        signer = party_by_label(session, "utility").signer
    assert intent.key == f"register-signer/{made['id']}/0"
    assert signer == utility_key(world.settings, world.gateway.chain_id).signer
    code, said = sonang("party", "add", "second", "--role", "utility", "--name", "Khác")
    assert (code, "an installation has one utility" in said) == (1, True)
    assert "known already under another name" in sonang(*UTILITY[:-1], "Khác")[1]


def test_a_customer_has_no_key_and_is_reached_where_it_said_first(sonang: Sonang, sessions: sessionmaker[Session]) -> None:
    made = answer(sonang(*CUSTOMER, "--phone", "0912 345 678", "--email", "a@example.vn", "--json"))
    assert answer(sonang(*CUSTOMER, "--phone", "+84912345678", "--json")) == made
    code, said = sonang(*CUSTOMER, "--phone", "0912 345 670")
    assert (code, "sonang signing contact" in said) == (1, True)
    reached = [{"channel": "email", "address": "a…@example.vn"}, {"channel": "sms", "address": "+84…678"}]
    assert (made["registration"], made["signs_by"], made["contacts"]) == (None, "codes", reached)
    assert "email a…@example.vn, sms +84…678" in sonang("party", "list")[1]
    with sessions() as session:
        party = party_by_label(session, "PA01HH0000001")
        assert party.signer is None
        assert {(one.channel, one.original) for one in contacts_of(session, party)} == {("email", True), ("sms", True)}
    assert "give one of utility, customer, owner" in sonang("party", "add", "x", "--role", "oracle", "--name", "X")[1]


def test_a_lost_key_is_revoked_for_good_and_one_that_never_stood_is_not(sonang: Sonang, sessions: sessionmaker[Session]) -> None:
    made = answer(sonang(*UTILITY, "--json"))
    code, said = sonang("party", "revoke", "utility")
    assert (code, "repeat it with --yes" in said) == (1, True)
    assert answer(sonang("party", "revoke", "utility", "--yes", "--json"))["signs_by"] == "revoked-key"
    assert "khoá đã thu hồi" in sonang("party", "list")[1]
    with sessions() as session:
        asked = session.query(OutboxIntent).order_by(OutboxIntent.id).all()
        assert [one.key for one in asked] == [f"register-signer/{made['id']}/0", f"revoke-signer/{made['id']}/1"]
    assert "was revoked" in sonang("party", "revoke", "utility", "--yes")[1]
    sonang(*CUSTOMER)
    assert "has no key of its own" in sonang("party", "revoke", "PA01HH0000001", "--yes")[1]


def test_whatever_needs_the_utility_or_a_unit_says_which_command_adds_it(sonang: Sonang, tmp_path: Path) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("customer_code,name,kwh_per_month,email\n", "utf-8")
    assert "sonang service unit add PA01HH --name …" in sonang("staff", "add", "x", "--unit", "PA01HH")[1]
    request = tmp_path / "request.json"
    request.write_text('{"service": "inspection", "unit": "PA01HH", "given": {}}', "utf-8")
    assert "sonang service unit add PA01HH --name …" in sonang("service", "submit", str(request))[1]
    assert RUN in sonang("signing", "contacts", "utility")[1]
    assert sonang(*UTILITY)[0] == 0
    assert "sonang party add PA01HH0000001 --role … --name …" in sonang("signing", "contacts", "PA01HH0000001")[1]


def test_the_office_of_a_fresh_installation_says_how_the_log_gets_its_key(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "ledger.cli", "office", "--no-seals"]
    done = subprocess.run(command, env=environment | {"SONANG_MAILBOX": "1"}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout
    assert "log.key" in done.stderr
    assert "sonang checkpoint --new-key" in done.stderr
