"""A signing service that refused a PIN was sent it again every quarter of an hour: credentials lock themselves, as tokens do."""

from __future__ import annotations

import pytest

from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.sealing.signing_service import CREDENTIAL
from tests.ledger.sealing.test_signing_service import calls, refused, sealer_at


@pytest.mark.parametrize("credential", ["locked", "mute"])
def test_a_pin_that_a_service_refuses_is_sent_once_and_not_again_before_a_restart(
    signing_service: str, authority: AuthorityFiles, credential: str
) -> None:
    before = calls(signing_service, credential).count("authorize")
    sealer = sealer_at(authority, signing_service, "another", approvals_key=credential)
    reasons = {str(refused(sealer)) for _ in range(5)}
    assert calls(signing_service, credential).count("authorize") == before + 1, "a credential locks itself after a few"
    (reason,) = reasons
    assert reason.startswith("SONANG_SEAL_CSC_PIN: ")
    assert "not tried again" in reason
    assert "restart" in reason


def test_a_refused_pin_is_not_tried_on_the_other_credential_either(signing_service: str, authority: AuthorityFiles) -> None:
    sealer = sealer_at(authority, signing_service, CREDENTIAL, approvals_key="locked")
    before = calls(signing_service, CREDENTIAL)
    assert "SONANG_SEAL_CSC_PIN" in str(refused(sealer))
    assert "SONANG_SEAL_CSC_PIN" in str(refused(Sealer(sealer.approvals_key, sealer.seal_key, sealer.trust_roots, sealer.tsa_url)))
    assert calls(signing_service, CREDENTIAL) == before
