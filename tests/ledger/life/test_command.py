"""`sonang retention` as the archive's staff types it."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from ledger.agreements.rules import local_date
from ledger.agreements.store import DocumentStore
from ledger.cli.retention import retention
from ledger.errors import InputError, NotFoundError, RuleError
from ledger.life.commands import erase
from ledger.life.queries import check_kept, document_with_code
from ledger.life.rules import TIME_ZONE
from ledger.office.duties import _erasures
from ledger.protocol.quantities import hex0x
from ledger.services.holding import on_request_of
from ledger.settings import Settings
from ledger.transparency.queries import entry_about
from ledger.transparency.rules import parse_entry
from tests.conftest import World
from tests.ledger.agreements.town import Town


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> CliRunner:
    for name, value in environment.items():
        if name.startswith("SONANG_"):
            monkeypatch.setenv(name, value)
    return CliRunner()


def told(typed: CliRunner, *words: str, answer: str | None = None) -> str:
    done = typed.invoke(retention, words, input=answer)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_an_archive_lists_holds_and_erases(typed: CliRunner, settings: Settings, town: Town, session: Session, world: World) -> None:
    town.store = DocumentStore.of(settings)
    assert "Nothing is due for erasure" in (empty := told(typed, "list"))
    assert "No legal hold stands" in empty
    owner, utility = town.people(session)
    contract = town.agree(session, owner, utility, town.now())
    session.commit()
    town.deliver()
    with pytest.raises(
        RuleError, match="kept for the law's years after it was in force, which it is, or is about to be – end the contract"
    ):
        told(typed, "erase", "--code", contract.lookup_code, "--by", "Lưu trữ", "--yes")
    with pytest.raises(NotFoundError, match="no party 'nobody' – take a name from `sonang party list`"):
        told(typed, "erase", "--party", "nobody", "--by", "Lưu trữ")
    with pytest.raises(RuleError, match="in force"):  # before anything is asked
        told(typed, "erase", "--party", owner.label, "--by", "Lưu trữ")
    code = contract.lookup_code
    with pytest.raises(RuleError, match="nothing of it was erased"):
        told(typed, "show", "--code", code)
    world.reach(contract.valid_to + 6 * 366 * 86_400)
    listed = told(typed, "list")
    assert all(word in listed for word in (contract.lookup_code or "", contract.kind, owner.label))
    placed = json.loads(told(typed, "hold", "--party", owner.label, "--reason", "Vụ án 12", "--by", "Pháp chế", "--json"))
    twice = told(typed, "hold", "--party", owner.label, "--reason", " Vụ án 12", "--by", "Pháp chế")
    assert f"Lệnh giữ {placed['hold']} đã có từ trước, vẫn có hiệu lực · Hold {placed['hold']} stands already" in twice
    assert "Vụ án 12" in (held := told(typed, "list"))
    assert "Legal holds: 1" in held
    assert "Nothing is due" in held
    assert "is lifted" in told(typed, "lift", str(placed["hold"]), "--reason", "xong", "--by", "Pháp chế")
    with pytest.raises(InputError, match="needs --yes to erase 1 family of documents – nobody can be asked here"):
        told(typed, "erase", "--due", "--by", "Lưu trữ", answer="y\n")
    with pytest.MonkeyPatch.context() as terminal:
        terminal.setattr("ledger.cli.retention._at_a_terminal", lambda: True)
        asked = told(typed, "erase", "--due", "--by", "Lưu trữ", answer="n\n")
    assert "Xoá vĩnh viễn · Erase for good: 1 họ văn bản · 1 family of documents?" in asked
    assert "Erased" not in asked
    assert town.store.read(contract.id)
    erased = json.loads(told(typed, "erase", "--due", "--by", "Lưu trữ", "--yes", "--json"))
    assert [one["reason"] for one in erased["erased"]] == ["retention-ended"]
    assert erased["finished"] == 1
    assert not town.store.path(contract.id).exists()
    assert "Nothing is to be erased" in told(typed, "erase", "--due", "--by", "Lưu trữ", "--yes")
    named = ("--agreement", hex0x(contract.id))
    for way in (named, ("--code", code)):
        twice = json.loads(told(typed, "erase", *way, "--by", "Ai khác", "--json"))  # nobody is asked about what is gone
        assert (twice["erased"], [(one["by"], one["agreement"]) for one in twice["already"]]) == ([], [("Lưu trữ", hex0x(contract.id))])
        day = str(local_date(json.loads(twice["already"][0]["record"])["decided"], TIME_ZONE))
        assert twice["already"][0]["day"] == day
        assert f"It was erased already\n{hex0x(contract.id)}  {day}, Lưu trữ" in told(typed, "erase", *way, "--by", "Ai khác")
    for way in (named, ("--code", code)):
        (again,) = json.loads(told(typed, "show", *way, "--json"))["erased"]
        assert erased["erased"][0].items() <= again.items(), "the record can be had later as well, and by the code on a page somebody kept"
    with pytest.raises(RuleError, match=f"it was lawfully erased on {day}"):
        check_kept(session, document_with_code(session, code))
    entry = entry_about(session, contract.id, "erased")
    assert (again["entry"], parse_entry(entry.data).digest) == (entry.index, sha256(again["record"].encode()).digest())
    assert again["digest"] in told(typed, "show", *named)


def test_the_back_office_finishes_an_erasure_that_was_cut_short(settings: Settings, town: Town, session: Session) -> None:
    town.store = DocumentStore.of(settings)
    owner, utility = town.people(session)
    draft = town.draft(session, owner, utility, town.now(), deadline=town.now() + 100)
    erase(session, draft, reason="retention-ended", by="Lưu trữ", at=town.now() + 101, on_request=on_request_of)
    session.commit()  # and here the power goes
    duty = _erasures(settings, town.sessions)
    assert town.store.path(draft.id).exists()
    assert (duty.work(), duty.work()) == ({"destroyed": 1}, {})
    assert not town.store.path(draft.id).exists()


def test_a_mistyped_command_says_what_to_give(typed: CliRunner) -> None:
    with pytest.raises(InputError, match="name one thing"):
        told(typed, "erase", "--by", "x")
    with pytest.raises(InputError, match="name one document"):
        told(typed, "hold", "--reason", "x", "--by", "x")
    with pytest.raises(NotFoundError, match="no hold 7"):
        told(typed, "lift", "7", "--reason", "x", "--by", "x")
    with pytest.raises(NotFoundError):
        told(typed, "erase", "--party", "nobody", "--by", "x", "--yes")
