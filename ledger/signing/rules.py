"""What is true of signing whoever asks: how many codes and tries there are, what a code's hash covers, what an approval leaves."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from ledger.agreements.rules import kind_id
from ledger.errors import InputError
from ledger.messages.model import CHANNELS
from ledger.messages.wording import as_typed
from ledger.parties.contacts import COOLING_OFF_S
from ledger.parties.model import Contact
from ledger.protocol.canonical import canonical_json
from ledger.protocol.quantities import hex0x
from ledger.signing.model import OneTimeCode, Presentation

EVIDENCE_FORMAT = "sonang-approval/1"
SHOWN_DIGITS = 12
"""How many hexadecimal digits of a document's hash a message shows."""
HOUR_S, DAY_S = 3_600, 86_400


@dataclass(frozen=True)
class SigningTerms:
    """How this installation lets people sign.

    Attributes:
        digits, lives_s: of a code.
        attempts: tries one code bears.
        per_hour, per_day: codes one party may ask for, and one address may be sent, whoever asks; those that signed a document aside.
        cooling_off_s: how long a changed contact gets no code for signing.
        link_lives_s: of a signing link.
        challenge_lives_s: of a passkey's challenge.
        remind_after_s, remind_before_s: when who has not signed is reminded: so long after the first link, and before the deadline.
        public_url: where people reach the pages; passkeys are bound to its host.
        carried: channels that somebody carries messages of; links go there first.
    """

    digits: int = 6
    lives_s: int = 300
    attempts: int = 5
    per_hour: int = 5
    per_day: int = 10
    cooling_off_s: int = COOLING_OFF_S
    link_lives_s: int = 7 * DAY_S
    challenge_lives_s: int = 300
    public_url: str = "http://localhost:8000"
    remind_after_s: int = 3 * DAY_S
    remind_before_s: int = DAY_S
    carried: tuple[str, ...] = CHANNELS

    @property
    def rp_id(self) -> str:
        """The relying party of passkeys: the host people see."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def origin(self) -> str:
        """The one origin passkeys answer to."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Binding:
    """What a code is good for: nothing else opens with it.

    Attributes:
        purpose: of `model.PURPOSES`.
        bound: the EIP-712 digest of the agreement; for other purposes 32 bytes they name.
        lookup_code, role: of the document and the party in it; empty for other purposes.
        presentation: number of the showing; 0 for other purposes.
    """

    purpose: str
    party: bytes
    bound: bytes
    lookup_code: str = ""
    role: str = ""
    presentation: int = 0


def new_code(digits: int) -> str:
    """A code of so many digits, from the system's random numbers."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def check_code(code: str, digits: int) -> str:
    """A code as a person typed it, spaces and hyphens left out.

    Raises:
        InputError: not so many digits; the code is not repeated.
    """
    plain = as_typed(code)
    if len(plain) != digits or not plain.isascii() or not plain.isdigit():
        raise InputError("not a code", field="code", fix=f"type the {digits} digits of the newest message")
    return plain


def code_hash(key: bytes, binding: Binding, expires_s: int, code: str) -> bytes:
    """What is kept of a code."""
    bound = [binding.purpose, hex0x(binding.party), hex0x(binding.bound), binding.lookup_code, binding.role, binding.presentation]
    return hmac.new(key, b"sonang one-time code v1\0" + canonical_json([*bound, expires_s, code]), hashlib.sha256).digest()


def address_tag(key: bytes, channel: str, address: str) -> bytes:
    """By what requests to one address are counted without keeping the address; SMS to a number and Zalo to it are told apart."""
    return hmac.new(key, b"sonang address v1\0" + canonical_json([channel, address.casefold()]), hashlib.sha256).digest()


def bound_to(purpose: str, *parts: object) -> bytes:
    """32 bytes that name what a code of another purpose than approval is good for."""
    return sha256(canonical_json([purpose, *parts])).digest()


def evidence_object(
    presentation: Presentation,
    code: OneTimeCode,
    *,
    digest: bytes,
    domain: tuple[int, bytes],
    masked: str,
    confirmed_s: int,
    nonce: bytes,
    law: tuple[str, str],
) -> Mapping[str, object]:
    """What a code's approval leaves behind; its SHA-256 is the `evidence` the utility attests on chain.

    Args:
        digest: EIP-712 digest of the agreement, in `domain` (chain id, contract).
        masked: the address, as others may see it.
        nonce: 32 random bytes, so that nobody can find the object behind the hash by trying.
        law: the law it rests on, Vietnamese and English.
    """
    return {
        "format": EVIDENCE_FORMAT,
        "agreement": _document_object(presentation, digest, domain),
        "attempts": code.attempts,
        "channel": code.contact.channel,
        "contact": contact_object(code.contact, masked),
        "law": list(law),
        "nonce": hex0x(nonce),
        "party": hex0x(presentation.party_id),
        "role": presentation.role,
        "times": {
            "code_expires_s": code.expires_s,
            "confirmed_s": confirmed_s,
            "fetched_s": presentation.fetched_s,
            "presented_s": presentation.presented_s,
            "requested_s": code.requested_s,
        },
    }


def _document_object(presentation: Presentation, digest: bytes, domain: tuple[int, bytes]) -> Mapping[str, object]:
    return {
        "base_digest": hex0x(presentation.base_digest),
        "base_length": presentation.base_length,
        "chain_id": domain[0],
        "contract": hex0x(domain[1]),
        "digest": hex0x(digest),
        "id": hex0x(presentation.agreement_id),
        "kind": hex0x(kind_id(presentation.agreement.kind)),
        "lookup_code": presentation.lookup_code,
    }


def contact_object(contact: Contact, masked: str) -> Mapping[str, object]:
    """What evidence says of a contact: how old it is, whether it was changed, and what vouched for the change."""
    vouched = None
    if contact.vouched_s is not None:
        vouched = {"at_s": contact.vouched_s, "by": contact.vouched_by, "how": contact.vouched_how}
    return {
        "address": masked,
        "changed": not contact.original,
        "second_factor": vouched,
        "since_s": contact.since_s,
        "verified_s": contact.verified_s,
    }
