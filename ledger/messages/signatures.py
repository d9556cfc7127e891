"""Requests between us and a gateway, signed both ways with one secret; a request of ours cannot be sent back as a report of theirs."""

from __future__ import annotations

import hashlib
import hmac

SEND, REPORT = "send", "report"
"""What is signed: a message to the gateway, or a report from it."""


def signature_of(secret: bytes, purpose: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the hexadecimal HMAC-SHA-256 of `<purpose>.<timestamp>.<body>`."""
    return "v1=" + hmac.new(secret, f"{purpose}.{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
