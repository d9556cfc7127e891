"""What is true of messages whoever sends them: addresses, lengths, how long to wait before the next try. Nothing here sends."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from ledger.errors import InputError
from ledger.messages.model import CHANNELS, FINAL

SUBJECT_LIMIT, BODY_LIMIT, KEY_LIMIT = 200, 20_000, 200
"""Characters."""
SMS_SEGMENTS = 3
"""Segments one SMS may take; each is paid for."""
ZALO_LIMIT = 2_000

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,79}")
"""What a gateway may say of a failure; longer or other words of it are not kept."""

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PLAIN = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The 7-bit alphabet of GSM 03.38, without its escape."""
_ESCAPED = "^{}\\[~]|€\f"


@dataclass(frozen=True)
class Segments:
    """How an SMS is cut: the alphabet it needs, its length in that alphabet's units, and how many segments that takes."""

    alphabet: Literal["gsm-7", "ucs-2"]
    units: int
    count: int


@dataclass(frozen=True)
class Patience:
    """How long to go on trying.

    Attributes:
        first_s, longest_s: the first pause after a refusal that may pass; it doubles up to the longest.
        lease_s: how long a try may take before another process may try.
        give_up_s: age after which a message expires when it says no moment itself.
    """

    first_s: int = 30
    longest_s: int = 3_600
    lease_s: int = 90
    give_up_s: int = 86_400

    def pause_s(self, tries: int, chance: float, asked_s: int | None = None) -> int:
        """Seconds until the next try after so many: doubling, with the last half left to chance so that many do not come back at once.

        Args:
            chance: 0 to 1.
            asked_s: what the carrier asked for; never less than it, up to the longest.
        """
        whole = min(self.first_s << min(tries - 1, 32), self.longest_s)
        pause = max(1, whole // 2 + int(whole / 2 * chance))
        return pause if asked_s is None else max(pause, min(asked_s, self.longest_s))


def check_address(channel: str, address: str) -> str:
    """An address a channel can deliver to.

    Raises:
        InputError: no such channel, or not an address of it; the address itself is not repeated.
    """
    if channel not in CHANNELS:
        raise InputError(f"no channel {channel!r}", field="channel", fix=f"give one of {', '.join(CHANNELS)}")
    if channel == "email":
        if not _EMAIL.fullmatch(address):
            raise InputError("not an e-mail address", field="address", fix="give one such as an@example.vn")
    elif not _PHONE.fullmatch(address):
        raise InputError("not a telephone number with its country", field="address", fix="give one such as +84912345678, without spaces")
    return address


def code_kept(said: object, *, address: str, text: str) -> str | None:
    """A gateway's code for a failure, as it may be kept; None where it is none, or repeats the address or digits of the text."""
    if not isinstance(said, str) or not CODE.fullmatch(said):
        return None
    digits, numbers = re.sub(r"\D", "", said), re.findall(r"\d(?:[ .-]?\d){3,}", f"{text} {address}")
    return None if said in text or any(re.sub(r"\D", "", one)[-4:] in digits for one in numbers) else said


def masked(address: str | None) -> str:
    """An address as others may see it: enough to recognise one's own, too little to learn somebody else's."""
    if address is None:
        return "–"
    name, at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if at else f"{address[:3]}…{address[-3:]}"


def check_text(channel: str, subject: str, body: str) -> tuple[str, str]:
    """Subject and body in NFC, no longer than the channel takes.

    Raises:
        InputError: empty, too long, or with control characters; the text is not repeated.
    """
    subject, body = unicodedata.normalize("NFC", subject).strip(), unicodedata.normalize("NFC", body).strip()
    if not subject.isprintable() or len(subject) > SUBJECT_LIMIT or (channel == "email" and not subject):
        raise InputError("empty, too long or not one line", field="subject", fix=f"give one line of 1 to {SUBJECT_LIMIT} characters")
    if not 0 < len(body) <= BODY_LIMIT or not body.replace("\n", "").isprintable():
        raise InputError("empty, too long, or with control characters", field="body", fix=f"give 1 to {BODY_LIMIT} printable characters")
    if channel == "sms" and (cut := segments(body)).count > SMS_SEGMENTS:
        problem = f"{cut.units} {cut.alphabet} units take {cut.count} segments"
        raise InputError(problem, field="body", fix=f"shorten it to {SMS_SEGMENTS} segments: {limit_in_words(cut.alphabet)}")
    if channel == "zalo" and len(body) > ZALO_LIMIT:
        raise InputError(f"{len(body)} characters", field="body", fix=f"shorten it to {ZALO_LIMIT}")
    return subject if channel == "email" else "", body


def segments(text: str) -> Segments:
    """How an SMS of this text is cut. One Vietnamese letter with marks makes the whole text UCS-2: 70 units for one segment, not 160."""
    if all(letter in _PLAIN or letter in _ESCAPED for letter in text):
        units = len(text) + sum(letter in _ESCAPED for letter in text)
        return Segments("gsm-7", units, 1 if units <= 160 else _cut([1 + (letter in _ESCAPED) for letter in text], 153))
    units = len(text.encode("utf-16-be")) // 2
    return Segments("ucs-2", units, 1 if units <= 70 else _cut([1 + (ord(letter) > 0xFFFF) for letter in text], 67))


def limit_in_words(alphabet: str) -> str:
    """The longest SMS, for an error's fix."""
    return f"{SMS_SEGMENTS * 153} letters without marks" if alphabet == "gsm-7" else f"{SMS_SEGMENTS * 67} letters, or drop the marks"


def moves_on(now: str, told: str) -> bool:
    """Whether a report takes a message further: reports come late, twice and in any order, and nothing leaves a final state."""
    return now not in FINAL and (told in FINAL or (now, told) == ("queued", "sent"))


def _cut(sizes: list[int], room: int) -> int:
    """Segments of so much room when no letter may be cut in two."""
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count
