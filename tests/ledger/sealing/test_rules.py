from __future__ import annotations

import pytest

from ledger.sealing.rules import ROLE_WORDS, Approval, means_of, reason_for
from scripts.sample import WALLETS
from tests.ledger.agreements.samples import sample

PASSKEY_ANSWER = 416
"""Bytes of an encoded WebAuthn answer, far more than a bare P-256 signature's 64."""


@pytest.mark.parametrize(
    ("signer", "signature", "attested", "words"),
    [
        (20, 65, False, "wallet"),
        (84, 64, False, "P-256 key"),
        (84, PASSKEY_ANSWER, False, "passkey"),
        (20 + 256 + 3, 256, False, "company certificate"),
        (20, 65, True, "one-time code attested by the utility"),
    ],
)
def test_the_approvals_say_how_each_party_signed(signer: int, signature: int, attested: bool, words: str) -> None:
    assert words in means_of(bytes(signer), bytes(signature), attested=attested)


def test_the_reason_names_parties_by_role_and_no_person() -> None:
    content = sample().content
    said = [
        Approval(ROLE_WORDS[role], means_of(signer, signature, attested=False))
        for role, signer, signature in zip(("owner", "utility"), content.signers, content.signatures, strict=True)
    ]
    assert len(said) == len(WALLETS)
    assert reason_for(said) == (
        "Các bên đã chấp thuận / Approved by: Chủ mái / Owner: ví điện tử / wallet; Điện lực / Utility: ví điện tử / wallet"
    )
    assert "Hoà" not in reason_for(said)
