"""Files given with a request: PDFs of plain pages, photographs, scans. Checked before anything is kept, encrypted where they lie.

Each file has a random name and a key of its own, which lies in its row: deleting the row destroys the file in the same transaction,
whatever happens to the disk afterwards. Nothing of them is ever on chain.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.sealing.errors import IntakeError
from ledger.sealing.intake import check_upload
from ledger.services.acting import Actor
from ledger.services.model import RUNNING, Request, RequestAttachment
from ledger.services.pictures import check_picture, picture_type
from ledger.settings import Settings
from ledger.whole_files import create

__all__ = ["PDF", "SIZE_LIMIT", "Vault", "attach", "attachment_of", "attachments_of", "content_of", "sweep"]

PDF: Final = "application/pdf"
SIZE_LIMIT: Final = 10 * 2**20
COUNT_LIMIT, TOTAL_LIMIT = 20, 60 * 2**20
"""Files, and bytes of them, a request may have."""
GRACE_S: Final = 3_600
"""How old a file without a row must be to be no upload under way."""
_NAME_LIMIT: Final = 120
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_NONCE: Final = bytes(12)
"""Each key encrypts one file, once."""


class Vault:
    """The folder of encrypted files, readable by this user only.

    Args:
        folder: made when first written to, mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, settings: Settings) -> Vault:
        """The one of this installation."""
        return cls(settings.state_dir / "attachments")

    def path(self, attachment: bytes) -> Path:
        """Where a file lies."""
        return self.folder / f"{attachment.hex()}.sealed"

    def put(self, attachment: bytes, content: bytes) -> None:
        """Writes a file, on disk when this returns."""
        create(self.path(attachment), content)


def attach(session: Session, vault: Vault, request: Request, *, name: str, data: bytes, actor: Actor, at: int) -> RequestAttachment:
    """Keeps a file with a request; the same file again is the one that is there.

    Args:
        name: what it was called; only shown.
        at: the moment, Unix seconds.

    Raises:
        InputError, IntakeError: not a plain PDF, JPEG or PNG, or too large; nothing was kept.
        RuleError: the request has ended, or has all the files it may have.
    """
    media = _checked(data)
    state = session.scalars(select(Request.state).where(Request.id == request.id).with_for_update()).one()
    held, digest = attachments_of(session, request), sha256(data).digest()
    known = next((one for one in held if one.digest == digest), None)
    if known is not None:
        return known
    if state not in RUNNING:
        raise RuleError("the request has ended", field="request", fix="submit a new request")
    if len(held) >= COUNT_LIMIT or sum(one.size for one in held) + len(data) > TOTAL_LIMIT:
        problem = f"more than {COUNT_LIMIT} files or {TOTAL_LIMIT >> 20} MB of them"
        raise RuleError(problem, field="file", fix="put the pages into one file")
    key = secrets.token_bytes(32)
    row = RequestAttachment(
        id=secrets.token_bytes(32),
        request_id=request.id,
        name=_named(name),
        media=media,
        size=len(data),
        digest=digest,
        key=key,
        who=actor.who,
        actor=actor.name,
        at_s=at,
    )
    vault.put(row.id, ChaCha20Poly1305(key).encrypt(_NONCE, data, row.id))
    session.add(row)
    session.flush()
    return row


def attachments_of(session: Session, request: Request) -> Sequence[RequestAttachment]:
    """The files of a request, in the order they came."""
    theirs = select(RequestAttachment).where(RequestAttachment.request_id == request.id)
    return session.scalars(theirs.order_by(RequestAttachment.at_s, RequestAttachment.id)).all()


def attachment_of(session: Session, request: Request, attachment: bytes) -> RequestAttachment:
    """One of them.

    Raises:
        NotFoundError: there is none, or it is another request's.
    """
    row = session.get(RequestAttachment, attachment)
    if row is None or row.request_id != request.id:
        raise NotFoundError("no such file of this request", field="attachment", fix="take one from the list of the request's files")
    return row


def content_of(vault: Vault, row: RequestAttachment) -> bytes:
    """A file as it was given, byte for byte.

    Raises:
        NotFoundError: it is gone.
        ConflictError: it was changed where it lies.
    """
    path = vault.path(row.id)
    try:
        return ChaCha20Poly1305(row.key).decrypt(_NONCE, path.read_bytes(), row.id)
    except FileNotFoundError:
        raise NotFoundError("the file is missing", field=str(path), fix="restore the folder from its backup") from None
    except InvalidTag:
        raise ConflictError("the file was changed where it lies", field=str(path), fix="restore it from its backup") from None


def sweep(session: Session, vault: Vault, now: int) -> int:
    """Removes files whose row is gone, erased or never committed; returns how many."""
    if not vault.folder.is_dir():
        return 0
    old = {path for path in vault.folder.glob("*.sealed") if path.stat().st_mtime < now - GRACE_S}
    known = {vault.path(one) for one in session.scalars(select(RequestAttachment.id))}
    for path in old - known:
        path.unlink(missing_ok=True)
    return len(old - known)


def _checked(data: bytes) -> str:
    """The media type of a file that may be kept."""
    if not data:
        raise InputError("the file is empty", field="file", fix="choose the file again; it may not have been stored whole")
    if len(data) > SIZE_LIMIT:
        raise InputError(f"more than {SIZE_LIMIT >> 20} MB", field="file", fix="scan it smaller, or in parts")
    picture = picture_type(data)
    if picture is not None:
        check_picture(data)
        return picture
    if b"%PDF-" not in data[:1_024]:
        raise InputError("neither PDF, JPEG nor PNG", field="file", fix="take a photograph, or save it as PDF")
    try:
        check_upload(data)
    except IntakeError as wrong:
        raise IntakeError(wrong.problem, field="file", fix=wrong.fix) from None
    return PDF


def _named(name: str) -> str:
    """What is shown of a name: no folders, nothing that steers a terminal or turns text around."""
    return _UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()[-_NAME_LIMIT:] or "?"
