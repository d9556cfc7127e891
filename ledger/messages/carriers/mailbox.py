"""A folder one can read instead of a carrier: one file a message, under the address it goes to."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from ledger.messages.carriers import Accepted, Parcel, RefusedError

_UNSAFE = re.compile(r"[^A-Za-z0-9@+_.-]|^[.-]")
NAME_LIMIT = 200
HANDLE_SHOWN = 12
"""How much of a message's handle is in the name of its file."""


class _SubjectsInOneRun(EmailPolicy):
    """Encodes a subject as one run of words, blanks inside: a reader drops the blanks between two encoded words (RFC 2047, 6.2)."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject" or value.isascii():
            return str(super().fold(name, value))
        return f"{name}: {Header(str(value), 'utf-8', maxlinelen=75, header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii") if name.lower() == "subject" else bytes(super().fold_binary(name, value))


LETTER = _SubjectsInOneRun(linesep=SMTP.linesep)


class MailboxFolder:
    """E-mail as `.eml`, anything else as `.txt`. The same message tried twice is one file.

    Args:
        directory: made when first written to, mode 0700: messages hold personal data.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, parcel: Parcel) -> Path:
        """The file of a message."""
        when = f"{datetime.fromtimestamp(parcel.queued_s, UTC):%Y%m%d-%H%M%S}"
        suffix = "eml" if parcel.channel == "email" else "txt"
        return self._directory / safe_name(parcel.address) / f"{when}-{parcel.channel}-{parcel.handle[:HANDLE_SHOWN]}.{suffix}"

    def send(self, parcel: Parcel) -> Accepted:
        """Writes the file whole, or leaves what was there.

        Raises:
            RefusedError: the folder cannot be written.
        """
        path = self.path(parcel)
        content = composed(parcel, "so-nang@localhost").as_bytes() if parcel.channel == "email" else _plain(parcel)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            draft.replace(path)
        except OSError as wrong:
            raise RefusedError(f"the mailbox folder cannot be written: {wrong.strerror}") from None
        return Accepted(reference=path.name, delivered=True)

    def close(self) -> None:
        """Nothing is open."""


def safe_name(address: str) -> str:
    """An address as the name of a folder: nothing in it leads elsewhere, and two addresses never share one."""
    name = _UNSAFE.sub(_escaped, address)
    return name if len(name) <= NAME_LIMIT else f"{name[:NAME_LIMIT]}%{sha256(address.encode()).hexdigest()[:16]}"


def composed(parcel: Parcel, sender: str) -> EmailMessage:
    """The e-mail, whose Message-ID is the same at every try."""
    message = EmailMessage(policy=LETTER)
    message["Subject"] = parcel.subject
    message["From"] = f"Sổ Nắng <{sender}>"
    message["To"] = parcel.address
    message["Date"] = format_datetime(datetime.fromtimestamp(parcel.queued_s, UTC))
    message["Message-ID"] = f"<{parcel.handle}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.text, cte="8bit")
    return message


def _plain(parcel: Parcel) -> bytes:
    when = f"{datetime.fromtimestamp(parcel.queued_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{parcel.channel} → {parcel.address}\n{when}\n\n{parcel.text}\n".encode()


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
