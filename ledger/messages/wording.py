"""How a room words a message: Vietnamese first, English after it, and one short text without marks for an SMS, which is paid by length."""

from __future__ import annotations

from dataclasses import dataclass

RULE = "\n\n— — —\n\n"
GROUP = 3
"""Digits people read at once."""


def grouped(code: str) -> str:
    """A code as every message writes it, in groups: `450 571`. People may type it so or without the space."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def as_typed(text: str) -> str:
    """The digits of a code as a person typed them, without spaces and hyphens."""
    return "".join(text.split()).replace("-", "")


@dataclass(frozen=True)
class Wording:
    """A message in both languages, filled in already.

    Attributes:
        subject_vi, subject_en: a few words each; no secret, since subjects are not encrypted.
        text_vi, text_en: whole sentences.
        short: both languages for an SMS, best without marks (`rules.segments`).
    """

    subject_vi: str
    subject_en: str
    text_vi: str
    text_en: str
    short: str

    def subject(self) -> str:
        """The subject of an e-mail."""
        return f"{self.subject_vi} · {self.subject_en}"

    def body(self, channel: str) -> str:
        """The text for a channel."""
        return self.short if channel == "sms" else f"{self.text_vi}{RULE}{self.text_en}"
