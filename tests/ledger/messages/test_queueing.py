"""A message is queued once, cannot be read where it lies, and is refused in words when nobody could deliver it."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import ConflictError, InputError, SettingsError
from ledger.messages.commands import forget_addresses, queue_message
from ledger.messages.model import Message
from ledger.messages.rules import Patience, Segments, check_address, masked, moves_on, segments
from ledger.messages.sealing import Opener, load_opener, prepare, seal
from ledger.settings import Settings

SECRET = "Mã ký của bạn là 428 913"


def queued(session: Session, key: str = "signing-code/1", **other: object) -> Message:
    given = {"channel": "email", "address": "an@example.vn", "subject": "Mã ký · Signing code", "body": SECRET} | other
    return queue_message(session, key=key, **given)  # type: ignore[arg-type]


@pytest.mark.usefixtures("opener")
def test_the_same_key_is_the_same_message_once(session: Session) -> None:
    first = queued(session)
    again = queued(session, body="another text")
    assert (again.id, again.handle, again.state, again.tries) == (first.id, first.handle, "queued", 0)
    with pytest.raises(ConflictError, match="another address") as refused:
        queued(session, address="binh@example.vn")
    assert "binh" not in str(refused.value)


@pytest.mark.usefixtures("opener")
def test_two_processes_that_queue_one_message_at_once_queue_it_once(sessions: sessionmaker[Session]) -> None:
    barrier, found = threading.Barrier(2), []

    def queue() -> None:
        with sessions.begin() as session:
            barrier.wait(10)
            found.append(queued(session).id)

    threads = [threading.Thread(target=queue) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(found) == 2
    assert len(set(found)) == 1


def test_the_text_is_nowhere_in_the_database_and_opens_for_its_own_message_only(session: Session, opener: Opener) -> None:
    message, other = queued(session), queued(session, "signing-code/2")
    session.flush()
    dumped = session.scalar(text("SELECT string_agg(message::text, ' ') FROM message"))
    for hidden in (SECRET, SECRET[-7:], SECRET.encode().hex()):
        assert hidden not in dumped
    assert message.body is not None
    assert other.body is not None
    assert message.body != other.body
    assert opener.open(message.handle, message.body) == SECRET
    with pytest.raises(ConflictError, match="does not open"):
        opener.open(message.handle, other.body)
    with pytest.raises(ConflictError, match="does not open"):
        opener.open(message.handle, message.body[:-1] + bytes([message.body[-1] ^ 1]))


def test_without_a_key_nothing_is_queued_and_the_error_says_how_to_make_one(session: Session) -> None:
    with pytest.raises(SettingsError, match="no key") as refused:
        queued(session)
    assert "sonang messages --new-key" in refused.value.fix


def test_the_key_file_is_private_and_never_replaced(session: Session, office: Settings) -> None:
    opener = prepare(session, office)
    path = office.state_dir / "message.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert prepare(session, office).id == opener.id
    with pytest.raises(ConflictError, match="exists already"):
        prepare(session, office, new=True)
    assert load_opener(path).id == opener.id
    assert opener.private.private_bytes_raw().hex() not in repr(opener)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="others may read") as refused:
        prepare(session, office)
    assert "chmod 600" in refused.value.fix
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):  # queued messages need the old one: no new one is made silently
        prepare(session, office)


def test_a_key_is_made_without_asking_only_where_messages_go_to_a_folder(session: Session, tmp_path: Path) -> None:
    real = Settings(state_dir=tmp_path, rpc_url="http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="cannot be read"):
        prepare(session, real)
    made = prepare(session, real, new=True)
    assert prepare(session, real).id == made.id


@pytest.mark.usefixtures("opener")
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("key", {"key": ""}),
        ("channel", {"channel": "fax"}),
        ("address", {"address": "an@"}),
        ("address", {"address": "an@example.vn\r\nBcc: all@example.vn"}),
        ("address", {"channel": "sms", "address": "0912345678"}),
        ("subject", {"subject": "Mã\nBcc: all@example.vn"}),
        ("subject", {"subject": " "}),
        ("body", {"body": ""}),
        ("body", {"body": "a\x00b"}),
        ("body", {"channel": "sms", "address": "+84912345678", "body": "ơ" * 202}),
        ("body", {"channel": "zalo", "address": "+84912345678", "body": "ơ" * 2_001}),
    ],
)
def test_what_nobody_could_deliver_is_refused_in_words_that_repeat_none_of_it(session: Session, field: str, wrong: dict[str, str]) -> None:
    with pytest.raises(InputError) as refused:
        queued(session, **wrong)
    assert refused.value.field == field
    assert refused.value.fix
    assert "Bcc" not in str(refused.value)
    assert session.scalar(select(Message.id)) is None


def test_marks_make_an_sms_dearer() -> None:
    assert segments("Ma ky cua ban la 428913") == Segments("gsm-7", 23, 1)
    assert segments("Mã ký") == Segments("ucs-2", 5, 1)
    assert segments("a" * 160) == Segments("gsm-7", 160, 1)
    assert segments("a" * 161) == Segments("gsm-7", 161, 2)
    assert segments("ơ" * 70) == Segments("ucs-2", 70, 1)
    assert segments("ơ" * 71) == Segments("ucs-2", 71, 2)
    assert segments("€" * 80) == Segments("gsm-7", 160, 1)
    assert segments("€" * 153) == Segments("gsm-7", 306, 3)  # an escaped letter is not cut in two: 76 a segment
    assert segments("☀️🌞" * 20).units == 80


@given(st.text(max_size=400))
def test_cutting_an_sms_agrees_with_cutting_it_letter_by_letter(written: str) -> None:
    cut = segments(written)
    room = (160, 153) if cut.alphabet == "gsm-7" else (70, 67)
    doubled = "^{}\\[~]|€\f" if cut.alphabet == "gsm-7" else "".join(one for one in written if ord(one) > 0xFFFF)
    sizes = [1 + (one in doubled) for one in written]
    assert cut.units == sum(sizes)
    pieces: list[int] = [0]
    for size in sizes:
        if pieces[-1] + size > room[1]:
            pieces.append(0)
        pieces[-1] += size
    assert cut.count == (1 if sum(sizes) <= room[0] else len(pieces))


@given(st.integers(1, 200), st.floats(0, 1), st.none() | st.integers(0, 10**6))
def test_pauses_grow_to_a_limit_and_never_vanish(tries: int, chance: float, asked: int | None) -> None:
    patience = Patience()
    pause = patience.pause_s(tries, chance, asked)
    assert 1 <= pause <= patience.longest_s
    assert pause >= min(asked or 0, patience.longest_s)
    assert patience.pause_s(tries + 1, 0) >= patience.pause_s(tries, 0)


def test_a_message_never_goes_back() -> None:
    order = ["queued", "sent", "delivered", "failed", "expired"]
    assert [(now, told) for now in order for told in order[1:] if moves_on(now, told)] == [
        *[("queued", told) for told in order[1:]],
        *[("sent", told) for told in order[2:]],
    ]


def test_an_address_is_shown_to_be_recognised_and_not_to_be_learnt() -> None:
    assert masked(check_address("email", "an.nguyen@example.vn")) == "a…@example.vn"
    assert masked(check_address("zalo", "+84912345678")) == "+84…678"
    assert masked(None) == "–"


@pytest.mark.usefixtures("opener")
def test_erasing_an_agreement_takes_its_addresses_and_texts_and_keeps_that_there_was_a_message(session: Session) -> None:
    mine, other = queued(session, about=b"\x01" * 32), queued(session, "other", about=b"\x02" * 32)
    assert forget_addresses(session, b"\x01" * 32) == 1
    session.refresh(mine)
    session.refresh(other)
    assert (mine.state, mine.address, mine.subject, mine.body) == ("expired", None, "", None)
    assert (other.state, other.address) == ("queued", "an@example.vn")


@given(st.text(max_size=200))
def test_any_text_opens_as_it_was_sealed(written: str) -> None:
    opener = Opener(X25519PrivateKey.generate())
    assert opener.open("a" * 32, seal(opener.id, "a" * 32, written)) == written
