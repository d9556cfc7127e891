"""What is true of access whoever asks: how long things last, how often is too often, how codes and tokens are made and kept."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.messages.wording import Wording, grouped

CODE_DIGITS: Final = 6
CODE_S: Final = 600
CODE_TRIES: Final = 5
CUSTOMER_SESSION_S: Final = 2 * 3_600
STAFF_SESSION_S: Final = 8 * 3_600
STAFF_PREFIX: Final = "sonang-staff-"


_BETWEEN: Final = re.compile(r"[\s\u00ad\u2010-\u2015.-]+")
_CUSTOMER_CODE: Final = re.compile(r"(?=.*\d)[A-Za-z]{2}[A-Za-z0-9]{11}", re.ASCII)
"""Thirteen capital letters and digits, as on a bill."""


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds, counted in windows that begin on whole multiples: at worst twice as many around the turn of one."""

    name: str
    times: int
    window_s: int


ASK_FOR_CODE = (Limit("code/client", 20, 3_600), Limit("code/label", 5, 3_600), Limit("code/all", 5_000, 3_600))
TRY_CODE = (Limit("try/client", 60, 3_600), Limit("try/all", 20_000, 3_600))
TRY_TOKEN = (Limit("token/client", 30, 3_600), Limit("token/all", 1_000, 3_600))
CHANGE_CONTACT = (Limit("contact/customer", 5, 3_600), Limit("contact/all", 1_000, 3_600))
CHECK_FILE = (Limit("verify/client", 60, 60), Limit("verify/all", 300, 60))
LOOK_UP = (Limit("look-up/client", 30, 60), Limit("look-up/all", 600, 60))
"""In the order they are spent: one asker over the limit uses up nothing of what all share."""


def as_asked(label: str) -> str:
    """A customer code in the one form it is looked for and counted in: however its letters were put together, with whatever blanks and
    hyphens people put between them. What is no code stays as it is: a label may have blanks and hyphens of its own.
    """
    written = unicodedata.normalize("NFC", label).strip()
    bare = _BETWEEN.sub("", written)
    return bare.upper() if _CUSTOMER_CODE.fullmatch(bare) else written


def new_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def token_hash(token: str) -> bytes:
    """What is kept of a token; it is random enough to need no salt."""
    return sha256(token.encode()).digest()


def code_hash(ticket: str, code: str) -> bytes:
    """What is kept of a code: keyed by the ticket, which only the asker holds."""
    return hmac.new(ticket.encode(), code.encode(), "sha256").digest()


def bucket(limit: Limit, subject: str) -> bytes:
    """The row a limit is counted in for somebody."""
    return sha256(f"{limit.name}\x00{subject}".encode()).digest()


def wording(code: str) -> Wording:
    """The message with a code for signing in."""
    shown, minutes = grouped(code), CODE_S // 60
    return Wording(
        subject_vi="Mã đăng nhập Sổ Nắng",
        subject_en="Sổ Nắng sign-in code",
        text_vi=f"Mã đăng nhập của bạn là {shown}, dùng được một lần trong {minutes} phút.\n"
        "Mã này chỉ để xem hợp đồng, không để ký. Đừng đưa mã cho ai; nhân viên điện lực không bao giờ hỏi mã.",
        text_en=f"Your sign-in code is {shown}. It works once, within {minutes} minutes.\n"
        "It only lets you see your contracts; it signs nothing. Give it to nobody; our staff never ask for it.",
        short=f"So Nang: ma dang nhap {shown}, {minutes} phut, khong dua cho ai. Sign-in code, {minutes} min, give it to nobody.",
    )
