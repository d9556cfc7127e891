"""Where the PDFs are, readable by this user only: the unsigned document first, the sealed one in its place, the issued one beside it.

Every file begins with the one before it, so a crash between writing it and committing the database loses nothing and can be repeated.
"""

from __future__ import annotations

from pathlib import Path

from ledger.errors import NotFoundError
from ledger.settings import Settings
from ledger.whole_files import put


class DocumentStore:
    """A folder of agreements.

    Args:
        directory: made when first written to, mode 0700: the documents hold personal data.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    def of(cls, settings: Settings) -> DocumentStore:
        """The store of this installation."""
        return cls(settings.state_dir / "agreements")

    @property
    def directory(self) -> Path:
        """The folder; it need not be there yet."""
        return self._directory

    def path(self, agreement: bytes) -> Path:
        """The file of an agreement."""
        return self._directory / f"{agreement.hex()}.pdf"

    def read(self, agreement: bytes) -> bytes:
        """The document as it stands: sealed, or the draft.

        Raises:
            NotFoundError: the file is gone.
        """
        try:
            return self.path(agreement).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(
                "the document is missing", field=str(self.path(agreement)), fix="restore the folder from its backup"
            ) from None

    def write(self, agreement: bytes, pdf: bytes) -> None:
        """Puts a whole document in place, or leaves what was there."""
        put(self.path(agreement), pdf)

    def issued_path(self, agreement: bytes) -> Path:
        """The file with the utility's seal: the sealed document and the revisions that sign it."""
        return self._directory / f"{agreement.hex()}.issued.pdf"

    def read_issued(self, agreement: bytes) -> bytes:
        """The issued file.

        Raises:
            NotFoundError: it is not there; whether it was issued, only the queue knows (`ledger.sealing.queries.issued_file`).
        """
        try:
            return self.issued_path(agreement).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(
                "no issued file is there", field=str(self.issued_path(agreement)), fix="`sonang seal --queue` shows what waits, and why"
            ) from None

    def issued_length(self, agreement: bytes) -> int | None:
        """How long the issued file is, bytes, without reading it; None when it is not there."""
        try:
            return self.issued_path(agreement).stat().st_size
        except FileNotFoundError:
            return None

    def write_issued(self, agreement: bytes, pdf: bytes) -> None:
        """Puts a whole issued file in place, or leaves what was there."""
        put(self.issued_path(agreement), pdf)
