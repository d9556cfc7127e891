"""`sonang seal --check`: what an operator types before the first document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from ledger.cli import seal as command
from ledger.errors import InputError
from ledger.sealing.sealer import open_sealer
from ledger.sealing.trial import try_sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles, prepare
from tests.ledger.sealing.liars import revoking
from tests.ledger.sealing.signing_service import CREDENTIAL, PIN, TOKEN
from tests.ledger.sealing.test_signing_service import calls

GOOD, FAILS, UNTRIED = "good", "fails", "not-tried"


def states(authority: AuthorityFiles, **changes: Any) -> list[tuple[str, str, str]]:
    """What was tried of an installation, and how that ended."""
    tried = try_sealer(open_sealer(Settings(state_dir=authority.directory.parent, **changes)))
    assert all((one.wrong is not None) == (one.state == FAILS) for one in tried)
    return [(one.about, one.step, one.state) for one in tried]


def of(about: str, *ended: str) -> list[tuple[str, str, str]]:
    first = "stamp" if about == "time-stamp" else "key"
    return [(about, step, state) for step, state in zip((first, "certificate", "revocation"), ended, strict=True)]


def test_everything_is_tried_of_each_key_without_a_database_or_a_document(
    authority: AuthorityFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SONANG_STATE_DIR", str(authority.directory.parent))
    monkeypatch.setenv("SONANG_DATABASE_URL", "postgresql://127.0.0.1:9/nowhere")
    before = sorted(authority.directory.parent.rglob("*"))
    assert command.seal(check=True) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 10
    assert all("tốt · good" in line for line in told[:9])
    assert told[0].startswith("xác nhận · approvals – khoá ký và khớp chứng thư · the key signs and fits its certificate")
    assert "127.0.0.1" in told[5], "the revocation service that answered"
    assert "no document was touched" in told[9]
    monkeypatch.setenv("SONANG_SEAL_TRUST_ROOTS", str(authority.certificate("company")))
    monkeypatch.setenv("SONANG_TSA_URL", "http://127.0.0.1:9/tsa")
    assert command.seal(check=True) == 1
    failed = capsys.readouterr().out
    assert failed.count("không đạt · fails") == 3
    assert failed.count("Làm gì · What to do: xem thời hạn") == 2
    assert "http://127.0.0.1:9/tsa: the time-stamp authority does not answer" in failed
    assert "Làm gì · What to do: xem SONANG_TSA_URL" in failed
    assert "3 điều phải sửa trước tài liệu đầu tiên · 3 to mend before the first document" in failed
    assert "by itself" not in failed, "a check is not repeated"
    assert command.seal(check=True, as_json=True) == 1
    answer = orjson.loads(capsys.readouterr().out)
    assert (answer["good"], len(answer["results"])) == (False, 9)
    assert {"about": "seal", "step": "revocation", "state": "not-tried", "found": None} in answer["results"]
    assert sorted(authority.directory.parent.rglob("*")) == before
    for other in ({"watch": True}, {"queue": True}, {"renew": 30}):
        with pytest.raises(InputError, match="--check"):
            command.seal(check=True, **other)


def test_one_key_for_both_is_tried_once_and_its_pin_is_sent_once(signing_service: str, authority: AuthorityFiles) -> None:
    at = {"seal_csc_url": signing_service, "seal_csc_token": SecretStr(TOKEN), "seal_key": CREDENTIAL}
    stamps = of("time-stamp", GOOD, GOOD, GOOD)
    assert states(authority, **at, seal_csc_pin=SecretStr(PIN)) == of("both", GOOD, GOOD, GOOD) + stamps
    before = len(calls(signing_service, CREDENTIAL))
    wrong = {**at, "seal_csc_pin": SecretStr("1111")}
    assert states(authority, **wrong, approvals_key="locked") == (
        of("approvals", FAILS, UNTRIED, UNTRIED) + of("seal", FAILS, UNTRIED, UNTRIED) + stamps
    )
    assert len(calls(signing_service, CREDENTIAL)) == before, "a PIN that one refused is not tried on the other"
    assert states(authority, **{**at, "seal_key": "another-key"}, seal_csc_pin=SecretStr(PIN))[0] == ("both", "key", FAILS)


def test_an_authority_that_is_away_or_lies_fails_and_the_keys_are_good(authority: AuthorityFiles) -> None:
    keys = of("approvals", GOOD, GOOD, GOOD) + of("seal", GOOD, GOOD, GOOD)
    assert states(authority, tsa_url="http://127.0.0.1:9/") == keys + of("time-stamp", FAILS, UNTRIED, UNTRIED)


def test_a_certificate_nobody_answers_for_and_a_revoked_one_are_told_from_one_without_a_root(
    tmp_path: Path, authority: AuthorityFiles
) -> None:
    files = prepare(AuthorityFiles.of(tmp_path), 0)
    with revoking(files, "seal"):
        assert states(files) == of("approvals", GOOD, GOOD, GOOD) + of("seal", GOOD, GOOD, FAILS) + of("time-stamp", GOOD, GOOD, GOOD)
    away = try_sealer(open_sealer(Settings(state_dir=tmp_path, tsa_url=authority.tsa_url)))
    assert [one.step for one in away if one.state == FAILS] == ["revocation", "revocation", "certificate"]
    assert all(files.url in str(one.wrong) for one in away if one.step == "revocation" and one.wrong is not None)
