"""Which carrier takes what, by the settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from ledger.errors import SettingsError
from ledger.messages.carriers import Carrier
from ledger.messages.carriers.gateway import HttpGateway
from ledger.messages.carriers.mailbox import MailboxFolder
from ledger.messages.carriers.smtp import Smtp
from ledger.messages.commands import Gateway
from ledger.messages.model import CHANNELS
from ledger.settings import Settings

MAILBOX = "mailbox"
"""The folder in the state folder."""


@contextlib.contextmanager
def open_carriers(settings: Settings) -> Iterator[Mapping[str, Carrier]]:
    """The carriers of this installation, by channel. A channel without one is missing: its messages wait, and say so.

    Raises:
        SettingsError: a carrier is set half, or unsafely.
    """
    with contextlib.ExitStack() as opened:
        chosen: dict[str, Carrier] = {}
        if settings.uses_mailbox:
            chosen = dict.fromkeys(CHANNELS, MailboxFolder(settings.state_dir / MAILBOX))
        if settings.smtp_url is not None:
            if settings.mail_from is None:
                raise SettingsError("e-mail has no sender", field="SONANG_MAIL_FROM", fix="set it to an address of your own")
            chosen["email"] = Smtp(settings.smtp_url.get_secret_value(), settings.mail_from)
        for channel, url, secret in _gateways(settings):
            if url is not None:
                chosen[channel] = HttpGateway(url, _secret(channel, secret), field=f"SONANG_{channel.upper()}_URL")
        for each in chosen.values():
            opened.callback(each.close)
        yield chosen


def carried(settings: Settings) -> tuple[str, ...]:
    """The channels that have a carrier here."""
    if settings.uses_mailbox:
        return CHANNELS
    return _beyond(settings)


def in_folder(settings: Settings) -> tuple[str, ...]:
    """The channels whose messages go to the folder: where there is one, those without a carrier of their own."""
    own = _beyond(settings)
    return tuple(channel for channel in CHANNELS if channel not in own) if settings.uses_mailbox else ()


def _beyond(settings: Settings) -> tuple[str, ...]:
    urls = {"email": settings.smtp_url, **{channel: url for channel, url, _ in _gateways(settings)}}
    return tuple(channel for channel in CHANNELS if urls[channel] is not None)


def gateway_of(settings: Settings, channel: str) -> Gateway | None:
    """Who may report about a channel's messages; None when no secret is shared with anybody."""
    for name, _, secret in _gateways(settings):
        if name == channel and secret is not None:
            return Gateway("sms" if name == "sms" else "zalo", secret.get_secret_value().encode())
    return None


def _gateways(settings: Settings) -> tuple[tuple[str, str | None, SecretStr | None], ...]:
    return ("sms", settings.sms_url, settings.sms_secret), ("zalo", settings.zalo_url, settings.zalo_secret)


def _secret(channel: str, secret: SecretStr | None) -> bytes:
    if secret is None:
        name = f"SONANG_{channel.upper()}_SECRET"
        raise SettingsError("the gateway shares no secret with us", field=name, fix="set it to what you agreed on, 32 characters or more")
    return secret.get_secret_value().encode()
