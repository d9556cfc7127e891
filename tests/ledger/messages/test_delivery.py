"""Messages leave at least once, are counted before, wait longer each time, and end with a reason; nothing secret is ever logged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil
import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import AccessError, InputError, NotFoundError
from ledger.messages.carriers import Accepted, Parcel, RefusedError
from ledger.messages.carriers.gateway import HttpGateway
from ledger.messages.carriers.mailbox import MailboxFolder
from ledger.messages.commands import Gateway, accept_report, queue_message
from ledger.messages.delivery import DeliveryReport, deliver_due
from ledger.messages.model import Message
from ledger.messages.rules import Patience
from ledger.messages.sealing import Opener, prepare
from ledger.messages.signatures import REPORT, SEND, signature_of
from ledger.settings import Settings
from tests.ledger.messages.gateway_process import GatewayThread, running_gateway

SECRET = b"s" * 32
TEXT = "Ma ky: 428 913"
PATIENCE = Patience()


@pytest.fixture(scope="module")
def thread() -> Iterator[GatewayThread]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def gateway(thread: GatewayThread) -> Iterator[HttpGateway]:
    thread.requests.clear()
    thread.carried.clear()
    thread.answers.clear()
    thread.meanwhile = None
    made = HttpGateway(thread.url, SECRET)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[object]]:
    """No log line of any test here holds a text, an address or a secret."""
    with structlog.testing.capture_logs() as entries:
        yield entries
    for hidden in (TEXT, "428", "84912345678", SECRET.decode()):
        assert hidden not in str(entries)


def queue(sessions: sessionmaker[Session], key: str = "code/1", until_s: int | None = None) -> int:
    with sessions.begin() as session:
        made = queue_message(session, key=key, channel="sms", address="+84912345678", subject="", body=TEXT, until_s=until_s)
        return made.queued_s


def row(sessions: sessionmaker[Session], key: str = "code/1") -> Message:
    with sessions() as session:
        return session.scalars(select(Message).where(Message.key == key)).one()


def test_a_message_is_sent_once_wiped_and_then_reported_delivered(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    queue(sessions)
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=10) == DeliveryReport(sent=1)
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=10) == DeliveryReport()
    sent = row(sessions)
    assert (sent.state, sent.body, sent.tries, sent.reference) == ("sent", None, 1, "gw-1")
    assert orjson.loads(thread.requests[0][1])["text"] == TEXT
    with sessions.begin() as session:
        assert report(session, {"reference": "gw-1", "state": "delivered"}).moved
    assert row(sessions).state == "delivered"


def test_pauses_double_until_the_message_is_given_up_with_its_last_reason(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    began = queue(sessions)
    clock, pauses = [began], []
    while row(sessions).state == "queued":
        thread.answers.append((503, {}, b""))
        done = deliver_due(sessions, {"sms": gateway}, opener, limit=10, patience=Patience(give_up_s=3_000), now=lambda: clock[0])
        if done.put_off:
            pauses.append(row(sessions).next_try_s - clock[0])
            assert deliver_due(sessions, {"sms": gateway}, opener, limit=10, now=lambda: clock[0]) == DeliveryReport()
        clock[0] = max(row(sessions).next_try_s, clock[0])
    ended = row(sessions)
    assert (ended.state, ended.body, ended.tries) == ("expired", None, len(pauses))
    assert ended.reason == f"given up after {len(pauses)} tries; the gateway refuses it (503)"
    assert all(15 << n <= pause <= 30 << n for n, pause in enumerate(pauses))
    assert 6 <= len(pauses) <= 9


def test_a_code_that_has_expired_is_not_sent_any_more(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    began = queue(sessions, until_s=1)
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=10, now=lambda: began) == DeliveryReport(expired=1)
    assert thread.requests == []


def test_a_refusal_for_good_ends_at_once_and_one_message_in_trouble_holds_up_no_other(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    queue(sessions, "bad")
    queue(sessions, "good")
    thread.answers.append((400, {}, TEXT.encode()))
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=10) == DeliveryReport(sent=1, failed=1)
    assert (row(sessions, "bad").state, row(sessions, "bad").reason) == ("failed", "the gateway refuses it (400)")
    assert row(sessions, "good").state == "sent"


def test_a_carrier_with_a_fault_of_its_own_neither_stops_delivery_nor_leaks_the_text(
    sessions: sessionmaker[Session], opener: Opener
) -> None:
    class Faulty:
        def send(self, parcel: Parcel) -> Accepted:
            raise ValueError(parcel.text)

        def close(self) -> None:
            """Nothing."""

    queue(sessions)
    assert deliver_due(sessions, {"sms": Faulty()}, opener, limit=10) == DeliveryReport(put_off=1)
    assert row(sessions).reason == "a fault of this program (ValueError)"


def test_a_channel_without_a_carrier_and_a_text_under_another_key_wait_and_say_so(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, tmp_path: Path
) -> None:
    began = queue(sessions)
    assert deliver_due(sessions, {}, opener, limit=10) == DeliveryReport(put_off=1)
    assert row(sessions).reason == "no carrier is set for sms"
    with sessions.begin() as session:
        other = prepare(session, Settings(state_dir=tmp_path / "other"), new=True)
    assert deliver_due(sessions, {"sms": gateway}, other, limit=10, now=lambda: began + 100) == DeliveryReport(put_off=1)
    assert "restore that key file" in (row(sessions).reason or "")
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=10, now=lambda: began + 1_000) == DeliveryReport(sent=1)


def test_a_process_killed_between_sending_and_recording_sends_the_same_handle_again(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread, office: Settings
) -> None:
    began = queue(sessions)
    reached, release = threading.Event(), threading.Event()

    def hold(_key: str) -> None:
        reached.set()
        release.wait(30)

    thread.meanwhile = hold
    child = _delivering_process(sessions, office, thread.url)
    assert reached.wait(60)
    child.kill()
    child.wait(30)
    release.set()
    thread.meanwhile = None
    left = row(sessions)
    assert (left.state, left.tries) == ("queued", 1)
    assert left.body is not None
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=1, now=lambda: began + 1) == DeliveryReport()  # leased
    later = left.next_try_s
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=1, now=lambda: later) == DeliveryReport(sent=1)
    assert {headers["Idempotency-Key"] for headers, _ in thread.requests} == {left.handle}
    assert (len(thread.requests), len(thread.carried)) == (2, 1)


def _delivering_process(sessions: sessionmaker[Session], office: Settings, url: str) -> psutil.Popen:
    import os
    import sys

    engine = sessions.kw["bind"]
    given = {
        "SONANG_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SONANG_STATE_DIR": str(office.state_dir),
        "SONANG_SMS_URL": url,
        "SONANG_SMS_SECRET": SECRET.decode(),
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    return psutil.Popen([sys.executable, "-m", "ledger.cli", "messages", "--watch"], env=plain | given, stdout=-3, stderr=-3)


def test_two_deliverers_share_the_queue_and_send_nothing_twice(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    for number in range(20):
        queue(sessions, f"code/{number}")
    done: list[DeliveryReport] = []
    workers = [threading.Thread(target=lambda: done.append(deliver_due(sessions, {"sms": gateway}, opener, limit=100))) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert sum(one.sent for one in done) == len(thread.requests) == len(thread.carried) == 20


def report(session: Session, said: object, *, secret: bytes = SECRET, at: int = 1_000, now: int = 1_000, purpose: str = REPORT):  # type: ignore[no-untyped-def]
    body = said if isinstance(said, bytes) else orjson.dumps(said)
    return accept_report(session, Gateway("sms", SECRET), body, signature_of(secret, purpose, str(at), body), str(at), now_s=now)


@pytest.fixture
def sent(sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway) -> str:
    """The handle of a message the gateway took."""
    queue(sessions)
    deliver_due(sessions, {"sms": gateway}, opener, limit=1)
    return row(sessions).handle


def test_a_forged_altered_replayed_or_reflected_report_changes_nothing(sessions: sessionmaker[Session], sent: str) -> None:
    good = {"id": sent, "state": "failed", "code": "absent"}
    with sessions() as session:
        for wrong in ({"secret": b"x" * 32}, {"purpose": SEND}, {"at": 1_000, "now": 1_301}, {"at": 1_301, "now": 1_000}):
            with pytest.raises(AccessError) as refused:
                report(session, good, **wrong)  # type: ignore[arg-type]
            assert refused.value.fix
        signature = signature_of(SECRET, REPORT, "1000", orjson.dumps(good))
        for body, given, stamp in (
            (orjson.dumps(good | {"state": "delivered"}), signature, "1000"),
            (orjson.dumps(good), signature, "1001"),
            (orjson.dumps(good), signature.upper(), "1000"),
            (orjson.dumps(good), "ký", "1000"),
            (orjson.dumps(good), "", ""),
            (orjson.dumps(good), signature, "1e3"),
        ):
            with pytest.raises(AccessError):
                accept_report(session, Gateway("sms", SECRET), body, given, stamp, now_s=1_000)
    assert row(sessions).state == "sent"
    assert SECRET.decode() not in repr(Gateway("sms", SECRET))


def test_reports_that_come_twice_or_in_the_wrong_order_never_take_a_message_back(sessions: sessionmaker[Session], sent: str) -> None:
    told = ["delivered", "sent", "failed", "delivered", "expired"]
    with sessions.begin() as session:
        moved = [report(session, {"id": sent, "state": one}).moved for one in told]
    assert moved == [True, False, False, False, False]
    assert (row(sessions).state, row(sessions).reason) == ("delivered", None)


def test_a_failure_is_shown_with_the_gateways_code_and_with_nothing_it_wrote_freely(sessions: sessionmaker[Session], sent: str) -> None:
    with sessions.begin() as session:
        report(session, {"id": sent, "state": "failed", "code": f"<b>{TEXT}"})
    assert row(sessions).reason == "sms: no reason given"


def test_a_report_about_nothing_of_this_gateways_is_refused(sessions: sessionmaker[Session], opener: Opener, sent: str) -> None:
    with sessions() as session:
        for unknown in ({"id": "0" * 32, "state": "delivered"}, {"reference": "gw-9", "state": "delivered"}):
            with pytest.raises(NotFoundError):
                report(session, unknown)
        body = orjson.dumps({"id": sent, "state": "failed"})
        with pytest.raises(NotFoundError):  # a gateway for Zalo cannot speak of an SMS
            accept_report(session, Gateway("zalo", SECRET), body, signature_of(SECRET, REPORT, "1000", body), "1000", now_s=1_000)
        for wrong in (b"", b"[]", b"{}", b'{"id": 5, "state": "sent"}', {"id": sent, "state": "queued"}, {"id": sent, "state": ["sent"]}):
            with pytest.raises(InputError):
                report(session, wrong)
        with pytest.raises(InputError):
            report(session, {"id": sent, "state": "sent", "pad": "x" * 20_000})


def test_a_report_that_comes_before_we_have_recorded_the_sending_is_kept(
    sessions: sessionmaker[Session], opener: Opener, gateway: HttpGateway, thread: GatewayThread
) -> None:
    def at_once(handle: str) -> None:
        with sessions.begin() as session:
            report(session, {"id": handle, "state": "delivered", "reference": "gw-1"})

    queue(sessions)
    thread.meanwhile = at_once
    assert deliver_due(sessions, {"sms": gateway}, opener, limit=1) == DeliveryReport(sent=1)
    assert (row(sessions).state, row(sessions).body, row(sessions).reference) == ("delivered", None, "gw-1")


def test_a_full_disk_puts_the_mailbox_off(sessions: sessionmaker[Session], opener: Opener, tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("in the way")
    queue(sessions)
    assert deliver_due(sessions, {"sms": MailboxFolder(tmp_path / "mailbox")}, opener, limit=1) == DeliveryReport(put_off=1)
    assert (row(sessions).reason or "").startswith("the mailbox folder cannot be written")
    with pytest.raises(RefusedError):
        MailboxFolder(tmp_path / "mailbox").send(Parcel("0" * 32, "sms", "+84912345678", "", TEXT, 0))
