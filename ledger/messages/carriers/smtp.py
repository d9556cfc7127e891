"""E-mail by SMTP: over TLS, or to this machine's own relay; one connection kept for many messages.

SMTP has no idempotency: when a connection ends after the text was sent and before the server's answer, the message is sent again with the
same Message-ID. Many servers and readers show such a pair once; none has to.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from urllib.parse import unquote, urlsplit

from ledger.errors import SettingsError
from ledger.loopback import is_loopback
from ledger.messages.carriers import TIMEOUT_S, Accepted, Parcel, RefusedError
from ledger.messages.carriers.mailbox import composed
from ledger.messages.rules import check_address

FIELD = "SONANG_SMTP_URL"


class Smtp:
    """A server that takes e-mail.

    Args:
        url: `smtps://USER:PASSWORD@HOST:465`, or `smtp://…:587`, which must offer STARTTLS unless the host is this machine.
        sender: address it comes from.

    Raises:
        SettingsError: the URL is none of these; it is never repeated, since it may hold a password.
    """

    def __init__(self, url: str, sender: str, *, tls: ssl.SSLContext | None = None) -> None:
        try:
            given = urlsplit(url)
            self._host, port = given.hostname or "", given.port
        except ValueError:
            raise _unusable("not a URL") from None
        if given.scheme not in ("smtp", "smtps") or not self._host or given.path.strip("/") or given.query or given.fragment:
            raise _unusable("not a URL of an SMTP server")
        self._implicit = given.scheme == "smtps"
        self._port = port or (465 if self._implicit else 587)
        self._login = (unquote(given.username), unquote(given.password or "")) if given.username else None
        if self._login is not None and not "".join(self._login).isascii():
            raise _unusable("the login is not ASCII, and SMTP knows no other")
        self._tls = tls or ssl.create_default_context()
        self._sender = check_address("email", sender)
        self._server: smtplib.SMTP | None = None

    def __repr__(self) -> str:
        return f"Smtp({self._host}:{self._port})"

    def send(self, parcel: Parcel) -> Accepted:
        """Hands an e-mail to the server.

        Raises:
            RefusedError: refused for good (5xx about this message), or for now: greylisted (4xx), away, or our login or address refused.
        """
        message = composed(parcel, self._sender)
        try:
            self._connected().send_message(message, self._sender, [parcel.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise self._refusal(code, said, ours=False) from None
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as refused:
            raise self._refusal(refused.smtp_code, refused.smtp_error, ours=True) from None
        except smtplib.SMTPDataError as refused:
            raise self._refusal(refused.smtp_code, refused.smtp_error, ours=False) from None
        except smtplib.SMTPNotSupportedError:
            self.close()
            raise RefusedError("the mail server lacks what this installation requires: STARTTLS, or this way to log in") from None
        except (smtplib.SMTPException, OSError) as away:
            self.close()
            raise RefusedError(f"the mail server does not answer ({type(away).__name__})") from None
        return Accepted(reference=str(message["Message-ID"]))

    def close(self) -> None:
        """Ends the connection."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._server.noop()[0] == 250:
                    return self._server
            self.close()
        if self._implicit:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=self._tls)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        self._server = server
        server.ehlo_or_helo_if_needed()
        if not self._implicit and (server.has_extn("starttls") or not is_loopback(self._host)):
            server.starttls(context=self._tls)
        if self._login is not None:
            server.login(*self._login)
        return server

    def _refusal(self, code: int, said: bytes | str, *, ours: bool) -> RefusedError:
        """A refusal with the server's numbers only: its sentence may quote the message."""
        first = (said.decode("ascii", "replace") if isinstance(said, bytes) else said).split(" ", 1)[0]
        detail = first if first.count(".") == 2 and first.replace(".", "").isdigit() and len(first) <= 9 else ""
        shown = f"{code} {detail}".strip()
        if ours:
            return RefusedError(f"the mail server refuses our login or our own address ({shown})")
        if code == 421:
            self.close()
        return RefusedError(f"the mail server refuses it ({shown})", final=500 <= code < 600)


def _unusable(problem: str) -> SettingsError:
    return SettingsError(problem, field=FIELD, fix="give smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587")
