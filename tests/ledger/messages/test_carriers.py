"""Real carriers: a mail server that wants TLS and a login, a gateway that checks our signature, a folder that can be read."""

from __future__ import annotations

import email
import ssl
import stat
from collections.abc import Iterator
from email.policy import default
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from pydantic import SecretStr

from ledger.errors import SettingsError
from ledger.messages.carriers import Parcel, RefusedError
from ledger.messages.carriers.chosen import carried, in_folder, open_carriers
from ledger.messages.carriers.gateway import HttpGateway
from ledger.messages.carriers.mailbox import MailboxFolder, safe_name
from ledger.messages.carriers.smtp import Smtp
from ledger.messages.signatures import REPORT, SEND, signature_of
from ledger.settings import Settings
from tests.ledger.messages.gateway_process import GatewayThread, running_gateway
from tests.ledger.messages.mail_server import PASSWORD, USER, MailServer, running_mail_server

LETTER = Parcel("0f" * 16, "email", "an@example.vn", "Mã ký · Signing code", "Mã ký của bạn là 428 913.\nXin đừng đưa ai.", 1_764_000_000)
SMS = Parcel("1e" * 16, "sms", "+84912345678", "", "Ma ky: 428 913", 1_764_000_000)
SECRET = b"s" * 32


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MailServer, ssl.SSLContext]]:
    with running_mail_server(tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.fixture
def smtp(mail: tuple[MailServer, ssl.SSLContext]) -> Iterator[Smtp]:
    server, tls = mail
    made = Smtp(f"smtp://{USER}:{quote(PASSWORD, safe='')}@localhost:{server.port}", "so-nang@utility.vn", tls=tls)
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway_thread() -> Iterator[GatewayThread]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def gateway(gateway_thread: GatewayThread) -> Iterator[HttpGateway]:
    made = HttpGateway(gateway_thread.url, SECRET)
    yield made
    made.close()


def test_an_email_arrives_over_tls_as_it_was_written_with_one_message_id_however_often(
    smtp: Smtp, mail: tuple[MailServer, ssl.SSLContext]
) -> None:
    server, _ = mail
    server.taken.clear()
    references = {smtp.send(LETTER).reference, smtp.send(LETTER).reference}
    read = [email.message_from_bytes(one.original_content or b"", policy=default) for one in server.taken]
    assert references == {f"<{'0f' * 16}@utility.vn>"} == {str(one["Message-ID"]) for one in read}
    assert read[0]["Subject"] == LETTER.subject
    assert read[0].get_content().split() == LETTER.text.split()  # type: ignore[attr-defined]
    assert (server.taken[0].mail_from, server.taken[0].rcpt_tos) == ("so-nang@utility.vn", ["an@example.vn"])
    assert all(server.tls)


def test_greylisting_is_tried_again_and_an_unknown_mailbox_is_not(smtp: Smtp, mail: tuple[MailServer, ssl.SSLContext]) -> None:
    server, _ = mail
    server.rcpt += ["451 4.7.1 Greylisted, an@example.vn wrote too early", "550 5.1.1 No such user an@example.vn"]
    server.data += ["554 5.7.1 Looks like spam: Mã ký của bạn là 428 913"]
    found = []
    for _ in range(3):
        with pytest.raises(RefusedError) as refused:
            smtp.send(LETTER)
        found.append((refused.value.final, refused.value.problem))
    assert found == [
        (False, "the mail server refuses it (451 4.7.1)"),
        (True, "the mail server refuses it (550 5.1.1)"),
        (True, "the mail server refuses it (554 5.7.1)"),
    ]
    server.rcpt.clear()
    assert smtp.send(LETTER).delivered is False


def test_a_wrong_password_holds_messages_back_and_shows_no_password(mail: tuple[MailServer, ssl.SSLContext]) -> None:
    server, tls = mail
    wrong = Smtp(f"smtp://{USER}:guessed-password@localhost:{server.port}", "so-nang@utility.vn", tls=tls)
    with pytest.raises(RefusedError, match="refuses our login") as refused:
        wrong.send(LETTER)
    assert not refused.value.final
    assert "guessed" not in f"{refused.value!r} {refused.value} {wrong!r}"
    wrong.close()


def test_a_server_whose_certificate_is_not_trusted_gets_neither_login_nor_message(mail: tuple[MailServer, ssl.SSLContext]) -> None:
    server, _ = mail
    server.taken.clear()
    suspicious = Smtp(f"smtp://{USER}:x@localhost:{server.port}", "so-nang@utility.vn")
    with pytest.raises(RefusedError, match="SSLCertVerificationError") as refused:
        suspicious.send(LETTER)
    assert not refused.value.final
    assert server.taken == []


def test_a_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(RefusedError, match="does not answer") as refused:
        Smtp("smtp://127.0.0.1:9", "so-nang@utility.vn").send(LETTER)
    assert not refused.value.final


@pytest.mark.parametrize("url", ["http://a", "smtp://", "smtp://a:b@host/path", "smtp://host:port", "smtp://ă:b@host"])
def test_an_unusable_mail_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Smtp(url, "so-nang@utility.vn")
    assert refused.value.field == "SONANG_SMTP_URL"
    assert url not in str(refused.value).partition(refused.value.fix)[0]


def test_a_gateway_gets_one_signed_request_and_knows_the_message_again(gateway: HttpGateway, gateway_thread: GatewayThread) -> None:
    gateway_thread.requests.clear()
    assert gateway.send(SMS) == gateway.send(SMS)
    headers, body = gateway_thread.requests[0]
    assert orjson.loads(body) == {"id": SMS.handle, "channel": "sms", "to": SMS.address, "text": SMS.text}
    assert headers["X-Sonang-Signature"] == signature_of(SECRET, SEND, headers["X-Sonang-Timestamp"], body)
    assert headers["X-Sonang-Signature"] != signature_of(SECRET, REPORT, headers["X-Sonang-Timestamp"], body)
    assert {one["Idempotency-Key"] for one, _ in gateway_thread.requests} == {SMS.handle}


def test_a_gateway_in_trouble_is_tried_again_and_its_wish_to_wait_is_heard(gateway: HttpGateway, gateway_thread: GatewayThread) -> None:
    gateway_thread.answers += [
        (429, {"Retry-After": "120"}, b""),
        (503, {}, SMS.text.encode()),
        (401, {}, b""),
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
        (400, {}, b"bad number"),
    ]
    found = []
    for _ in range(5):
        with pytest.raises(RefusedError) as refused:
            gateway.send(SMS)
        found.append((refused.value.final, refused.value.after_s))
        assert SMS.text not in str(refused.value)
    assert found == [(False, 120), (False, None), (False, None), (False, None), (True, None)]
    said = {"code": "21211 invalid number"}, {"code": f"not to {SMS.address[1:]}"}, {"code": SMS.text}, {"code": "<b>"}, ["code"]
    gateway_thread.answers += [(400, {}, orjson.dumps(one)) for one in said]
    for shown in ("400: 21211 invalid number", *["400"] * 4):
        with pytest.raises(RefusedError, match=rf"the gateway refuses it \({shown}\)$"):
            gateway.send(SMS)
    gateway_thread.answers += [(200, {}, b"<html>"), (200, {}, orjson.dumps({"reference": "x" * 400}))]
    assert [gateway.send(SMS).reference for _ in range(2)] == [None, None]


def test_a_gateway_in_the_clear_is_refused_unless_it_is_this_machine() -> None:
    with pytest.raises(SettingsError, match="in the clear") as refused:
        HttpGateway("http://sms.example.vn/", SECRET, field="SONANG_SMS_URL")
    assert refused.value.field == "SONANG_SMS_URL"


def test_the_mailbox_holds_one_readable_file_a_message_for_its_owner_only(tmp_path: Path) -> None:
    folder = MailboxFolder(tmp_path / "mailbox")
    assert folder.send(LETTER) == folder.send(LETTER)
    folder.send(SMS)
    letter, sms = folder.path(LETTER), folder.path(SMS)
    assert email.message_from_bytes(letter.read_bytes(), policy=default).get_content().split() == LETTER.text.split()  # type: ignore[attr-defined]
    assert LETTER.text.splitlines()[0] in letter.read_text("utf-8")
    assert SMS.text in sms.read_text("utf-8")
    assert {path.name for path in (tmp_path / "mailbox").rglob("*") if path.is_file()} == {letter.name, sms.name}
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    assert stat.S_IMODE(letter.parent.stat().st_mode) == 0o700


def test_no_address_leads_out_of_the_mailbox_and_no_two_share_a_folder() -> None:
    addresses = ["an@example.vn", "../../an@example.vn", "..", ".", ".an@x.vn", "an@x.vn", "a/b@x.vn", "a%2Fb@x.vn", "z" * 300, "z" * 301]
    names = [safe_name(one) for one in addresses]
    assert len(set(names)) == len(addresses)
    for name in names:
        assert "/" not in name
        assert not name.startswith(".")
        assert len(name.encode()) < 255


def test_the_settings_choose_the_carriers_and_half_a_carrier_is_refused(tmp_path: Path) -> None:
    with open_carriers(Settings(state_dir=tmp_path)) as demo:
        assert {type(one) for one in demo.values()} == {MailboxFolder}
    with open_carriers(Settings(state_dir=tmp_path, rpc_url="http://127.0.0.1:9")) as real:
        assert real == {}
    given = {
        "smtp_url": "smtps://mail.example.vn",
        "mail_from": "a@example.vn",
        "sms_url": "https://sms.example.vn",
        "sms_secret": "s" * 32,
    }
    assert in_folder(Settings(state_dir=tmp_path)) == ("email", "sms", "zalo")
    assert in_folder(Settings(state_dir=tmp_path, **given)) == ("zalo",), "only what nothing else carries goes there"  # type: ignore[arg-type]
    every = given | {"zalo_url": "https://zalo.example.vn", "zalo_secret": "z" * 32}
    assert in_folder(Settings(state_dir=tmp_path, **every)) == in_folder(Settings(state_dir=tmp_path, mailbox=False)) == ()  # type: ignore[arg-type]
    with open_carriers(Settings(state_dir=tmp_path, rpc_url="http://127.0.0.1:9", **given)) as chosen:  # type: ignore[arg-type]
        assert {channel: type(one) for channel, one in chosen.items()} == {"email": Smtp, "sms": HttpGateway}
        assert "s" * 32 not in repr(chosen)
    for missing in ("mail_from", "sms_secret"):
        half = Settings(state_dir=tmp_path, **{name: value for name, value in given.items() if name != missing})  # type: ignore[arg-type]
        with pytest.raises(SettingsError) as refused, open_carriers(half):
            pass
        assert refused.value.field == f"SONANG_{missing.upper()}"


def test_the_channels_somebody_carries_are_those_with_a_carrier(tmp_path: Path) -> None:
    mailed = Settings(state_dir=tmp_path, mailbox=False, smtp_url=SecretStr("smtp://127.0.0.1:25"), mail_from="so@example.vn")
    for settings in (Settings(state_dir=tmp_path, mailbox=True), mailed):
        with open_carriers(settings) as carriers:
            assert set(carried(settings)) == set(carriers)
