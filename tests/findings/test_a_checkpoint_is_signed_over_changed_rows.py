"""A checkpoint hashed the stored hashes, not the entries, so a changed entry was signed over.

And missing rows were called a size to ask for.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ledger.errors import RuleError
from ledger.protocol.checkpoint import NoteSigner
from ledger.transparency.commands import log_event, sign_checkpoint
from ledger.transparency.model import LogCheckpoint

SIGNER = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("UPDATE log_entry SET data = overlay(data placing '\\x39'::bytea from 20) WHERE index = 1", "entry 1 was changed"),
        ("DELETE FROM log_entry WHERE index = 1", "entry 1 of 3 is missing"),
        ("DELETE FROM log_entry WHERE index = 2", "holds 3 entries, 2 are here: rows are missing"),
    ],
)
def test_nothing_is_signed_over_a_changed_or_a_missing_row_and_the_true_reason_is_told(session: Session, damage: str, reason: str) -> None:
    for number in range(3):
        log_event(session, unit=bytes(32), event="sealed", document=bytes([number]) * 32, digest=b"\x01" * 32)
    sign_checkpoint(session, SIGNER)
    session.execute(text(damage))
    session.expire_all()
    with pytest.raises(RuleError, match=reason) as refused:
        sign_checkpoint(session, SIGNER)
    assert "sonang audit-log" in refused.value.fix
    assert session.scalar(select(func.count()).select_from(LogCheckpoint)) == 1
