from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pyhanko_certvalidator.errors import OCSPFetchError

from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.seal import services
from ledger.sealing.sealer import Sealer, open_sealer
from ledger.sealing.stamps import CheckedTimeStamper
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles, prepare
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.liars import (
    Answer,
    about_other_bytes,
    honest,
    refusing,
    revoking,
    serving,
    signed_with,
    with_another_nonce,
)
from tests.ledger.sealing.office import APPROVALS


def issue_with(sealer: Sealer, answer: Answer) -> bytes:
    with serving(answer) as url:
        return replace(sealer, tsa_url=url).issue_and_read(sample().pdf, APPROVALS)[0]


def test_a_stamp_about_other_bytes_is_refused(sealer: Sealer, authority: AuthorityFiles) -> None:
    with pytest.raises(SealingError, match="about other bytes than ours"):
        issue_with(sealer, about_other_bytes(authority))


def test_a_stamp_that_answers_another_question_is_refused(sealer: Sealer, authority: AuthorityFiles) -> None:
    with pytest.raises(SealingError, match="another question than ours"):
        issue_with(sealer, with_another_nonce(authority))


def test_a_stamp_by_a_certificate_that_is_not_for_stamps_is_refused(sealer: Sealer, authority: AuthorityFiles) -> None:
    with pytest.raises(SealingError, match=r"could not be signed|not proven"):
        issue_with(sealer, signed_with(authority, "company"))


def test_an_authority_that_refuses_is_waited_for_with_its_words(sealer: Sealer) -> None:
    with pytest.raises(AuthorityUnavailableError, match="refused: quota used up"):
        issue_with(sealer, refusing)


@pytest.mark.parametrize("answer", [lambda _: 500, lambda _: b"<html>", lambda _: b""], ids=["an error", "a web page", "nothing"])
def test_an_answer_that_is_no_stamp_is_never_taken_for_one(sealer: Sealer, answer: Answer) -> None:
    with pytest.raises((AuthorityUnavailableError, SealingError), match=r"does not answer|no time stamp"):
        issue_with(sealer, answer)


def sealer_of(files: AuthorityFiles) -> Sealer:
    return open_sealer(Settings(state_dir=files.directory.parent))


def test_a_revocation_service_that_is_away_is_waited_for(tmp_path: Path) -> None:
    silent = prepare(AuthorityFiles.of(tmp_path), 0)
    with pytest.raises(AuthorityUnavailableError, match=r"does not answer about Sổ Nắng .*: http://127\.0\.0\.1:\d+/test/crls/"):
        issue_with(sealer_of(silent), honest(silent))


def test_the_address_of_a_service_that_is_away_is_told_without_the_secrets_in_it() -> None:
    told = OCSPFetchError("Failed to fetch OCSP response from https://we:secret@ocsp.example/a?token=x; http://b.example/crl.")
    nowhere = "http://we:secret@127.0.0.1:9/stamps?token=x"
    with pytest.raises(AuthorityUnavailableError) as away:
        asyncio.run(CheckedTimeStamper(nowhere).async_timestamp(bytes(32), "sha256"))
    assert away.value.field == "http://127.0.0.1:9/stamps"
    assert services(told) == ["https://ocsp.example/a", "http://b.example/crl"]


def test_a_revoked_certificate_seals_nothing(tmp_path: Path) -> None:
    files = prepare(AuthorityFiles.of(tmp_path), 0)
    with revoking(files, "seal"), pytest.raises(SealingError, match="was revoked at") as refused:
        sealer_of(files).issue_and_read(sample().pdf, APPROVALS)
    assert refused.value.field == "SoNangSeal"
    assert "new certificate" in refused.value.fix
