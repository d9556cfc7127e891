"""An auditor who named the log's key was told that 0 checkpoints were signed by it, with a tick."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.cli.audit_words import in_vietnamese
from ledger.protocol.checkpoint import NoteSigner
from ledger.transparency.audit import Copy, Elsewhere, Verdict, audit

LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


def test_who_is_served_no_checkpoint_is_told_that_no_signature_was_checked() -> None:
    (found,) = [one for one in audit(Copy([]), Elsewhere(LOG.name, log_key=LOG.key())).findings if one.check == "checkpoints"]
    assert (found.verdict, found.checked) == (Verdict.UNANCHORED, False)
    assert "no checkpoint was served" in found.detail
    assert in_vietnamese(found.detail)
