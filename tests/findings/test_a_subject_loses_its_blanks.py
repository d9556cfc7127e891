"""A long subject came as several encoded words with its blanks between them, where every reader drops them: "phục vụmục đích"."""

from __future__ import annotations

import re
from base64 import b64decode
from quopri import decodestring

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.agreements.kinds import KINDS
from ledger.messages.carriers import Parcel
from ledger.messages.carriers.mailbox import composed
from ledger.messages.rules import SUBJECT_LIMIT, check_text

NAMES = {word for kind in KINDS.values() for word in kind.title_vi.split()}
WORDS = st.sampled_from([*sorted(NAMES), "·", "mời", "ký", "OTP", "15 %", "=?utf-8?b?"])
ENCODED = re.compile(r"=\?utf-8\?([bq])\?([^ ?]*)\?=", re.IGNORECASE)
SUPPLY = "Hợp đồng mua bán điện phục vụ mục đích sinh hoạt: mời ký · Electricity supply contract: please sign"


def as_a_reader_shows(raw: bytes) -> str:
    """The subject of an e-mail, unfolded, each encoded word decoded, the space between two of them dropped (RFC 2047, 6.2)."""
    lines = re.sub(r"\r\n(?=[ \t])", "", raw.split(b"\r\n\r\n")[0].decode("ascii")).split("\r\n")
    subject = next(line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: "))
    shown, before = "", False
    for space, word in re.findall(r"(\s*)(\S+)", subject):
        found = ENCODED.fullmatch(word)
        if found is None:
            shown, before = shown + space + word, False
            continue
        assert len(word) <= 75
        data = b64decode(found[2], validate=True) if found[1].lower() == "b" else decodestring(found[2].replace("_", "=20"))
        shown, before = shown + ("" if before else space) + data.decode(), True
    return shown


@example(SUPPLY.split())
@given(st.lists(WORDS, min_size=1, max_size=30))
def test_a_reader_shows_every_subject_as_it_was_written(words: list[str]) -> None:
    subject, _ = check_text("email", " ".join(words)[:SUBJECT_LIMIT], "Xin mời ký.")
    raw = composed(Parcel("0f" * 16, "email", "an@example.vn", subject, "Xin mời ký.", 0), "so-nang@utility.vn").as_bytes()
    assert as_a_reader_shows(raw) == subject
    assert max(map(len, raw.split(b"\r\n"))) <= 78
