"""Keys at a remote signing service: what it answers is told, with the setting to look at, and a PIN it refuses is never sent twice."""

from __future__ import annotations

from typing import Any

import pytest
import urllib3
from pydantic import SecretStr

from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer, open_sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS
from tests.ledger.sealing.signing_service import CREDENTIAL, PIN, TOKEN


def sealer_at(authority: AuthorityFiles, url: str, credential: str = CREDENTIAL, **changes: Any) -> Sealer:
    """The sealer of an installation whose keys are at the service."""
    given: dict[str, Any] = {
        "seal_csc_url": url,
        "seal_key": credential,
        "seal_csc_token": SecretStr(TOKEN),
        "seal_csc_pin": SecretStr(PIN),
    }
    return open_sealer(Settings(state_dir=authority.directory.parent, **(given | changes)))


def refused(sealer: Sealer) -> AuthorityUnavailableError:
    """What keeps it from sealing."""
    with pytest.raises(AuthorityUnavailableError) as said:
        sealer.issue_and_read(sample().pdf, APPROVALS)
    return said.value


def calls(url: str, credential: str) -> list[str]:
    """What the service was asked about a credential."""
    asked: list[tuple[str, str]] = urllib3.request("GET", f"{url}/asked").json()
    return [call for call, about in asked if about == credential]


@pytest.mark.parametrize("ending", ["", "/csc/v1/"])
def test_a_remote_service_seals_what_it_was_asked_to_release_one_hash_at_a_time(
    signing_service: str, authority: AuthorityFiles, ending: str
) -> None:
    before = len(calls(signing_service, CREDENTIAL))
    sealer = sealer_at(authority, signing_service + ending)
    issued = sealer.issue_and_read(sample().pdf, APPROVALS)[0]
    assert len(check_issued(issued, sample().pdf, sealer.trust_roots)) == 2
    assert calls(signing_service, CREDENTIAL)[before:] == ["info", "authorize", "sign"] * 2


def test_what_the_service_says_is_shown_on_one_line_not_at_length_and_without_any_secret(
    signing_service: str, authority: AuthorityFiles
) -> None:
    reason = str(refused(sealer_at(authority, signing_service, "locked", seal_csc_pin=SecretStr("97531"))))
    assert "400 invalid_pin: The PIN is invalid: [2J" in reason
    assert reason.isprintable()
    assert len(reason) < 600
    assert "97531" not in reason
    assert TOKEN not in reason


@pytest.mark.parametrize(
    ("credential", "changes", "said"),
    [
        (CREDENTIAL, {"seal_csc_token": SecretStr("stolen")}, ("SONANG_SEAL_CSC_TOKEN", "401 invalid_token: The access token is expired")),
        ("unknown", {}, ("SONANG_SEAL_KEY", "400 invalid_request: Invalid parameter credentialID")),
        (CREDENTIAL, {"approvals_key": "unknown"}, ("SONANG_APPROVALS_KEY", "400 invalid_request: Invalid parameter credentialID")),
        (CREDENTIAL, {"seal_csc_pin": SecretStr("1111")}, ("SONANG_SEAL_CSC_PIN", "400 invalid_pin: The PIN is invalid")),
        (CREDENTIAL, {"seal_csc_pin": None}, ("SONANG_SEAL_CSC_PIN", "wants a PIN")),
        ("wants-a-code", {}, ("SONANG_SEAL_KEY", "one-time code")),
        ("unsigned", {}, ("SONANG_SEAL_KEY", "400 invalid_request: SAD … is used up")),
        ("elsewhere", {}, ("SONANG_SEAL_CSC_URL", "307")),
        ("scrap", {}, ("SONANG_SEAL_CSC_URL", "not as")),
        ("hung", {}, ("127.0.0.1", "503 temporarily_unavailable: Back at noon")),
    ],
)
def test_who_answers_is_never_said_not_to_and_the_setting_to_look_at_is_named(
    signing_service: str, authority: AuthorityFiles, credential: str, changes: dict[str, Any], said: tuple[str, str]
) -> None:
    setting, words = said
    told = refused(sealer_at(authority, signing_service, credential, **changes))
    assert setting in told.field
    assert words in str(told)
    assert told.fix
    assert "does not answer" not in str(told)


def test_an_address_that_is_no_signing_service_is_told_from_a_credential_it_does_not_know(
    signing_service: str, authority: AuthorityFiles
) -> None:
    told = refused(sealer_at(authority, f"{signing_service}/nowhere"))
    assert (told.field, "404" in told.problem) == ("SONANG_SEAL_CSC_URL", True)


def test_only_a_service_that_is_not_there_does_not_answer_and_its_address_is_shown_without_the_account_in_it(
    authority: AuthorityFiles,
) -> None:
    told = refused(sealer_at(authority, "http://127.0.0.1:9/sign?key=hidden"))
    assert "the signing service does not answer for utility-seal" in told.problem
    assert "hidden" not in str(told)
