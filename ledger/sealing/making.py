"""Making issued files, several at once: in threads that ask no database, while one transaction holds their jobs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from hashlib import sha256

from ledger.agreements.sealed import content_of
from ledger.agreements.store import DocumentStore
from ledger.errors import NotFoundError, SonangError
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.levels import SignatureLevel, check_issued
from ledger.sealing.renewal import good_until_s
from ledger.sealing.rules import ROLE_WORDS, Approval, means_of
from ledger.sealing.seal import Issuer

_RECHECK = "check that file against its backup, move it away, and run `sonang seal` again"


@dataclass(frozen=True)
class Asked:
    """A sealed agreement whose issued file is asked for.

    Attributes:
        digest: SHA-256 of its sealed file.
        roles: of its parties, in the order of signing.
    """

    agreement: bytes
    digest: bytes
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """An issued file that is stored and was read back.

    Attributes:
        level: the lowest of its signatures.
        good_until_s: as `renewal.good_until_s`.
        length: bytes.
    """

    digest: bytes
    level: str
    good_until_s: int
    length: int


def make_all(
    asked: Sequence[Asked], store: DocumentStore, sealer: Issuer, stop: Callable[[], bool], *, alone: bool
) -> Iterator[tuple[bytes, Made | BaseException]]:
    """Each agreement that was begun with what became of it, as they end.

    Args:
        stop: asked before each is begun; true begins no more.
        alone: whether the first ones are made one by one until one is made, so that an authority that is away is asked once for all.
    """
    waiting, width = deque(asked), 1 if alone else sealer.at_once
    running: dict[Future[Made], bytes] = {}
    with ThreadPoolExecutor(sealer.at_once, thread_name_prefix="sonang-issue") as pool:
        while True:
            while waiting and len(running) < width and not stop():
                one = waiting.popleft()
                running[pool.submit(_make, store, sealer, one)] = one.agreement
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                wrong = future.exception()
                if wrong is None:
                    width = sealer.at_once
                elif isinstance(wrong, AuthorityUnavailableError) or not isinstance(wrong, SonangError):
                    waiting.clear()
                yield running.pop(future), wrong or future.result()


def _make(store: DocumentStore, sealer: Issuer, asked: Asked) -> Made:
    sealed = store.read(asked.agreement)
    if sha256(sealed).digest() != asked.digest:
        path = str(store.path(asked.agreement))
        raise SealingError("the stored document was changed", field=path, fix="restore the file from its backup")
    issued, levels = _kept(store, sealer, asked.agreement, sealed) or _issued(store, sealer, asked, sealed)
    return Made(sha256(issued).digest(), min(one.level for one in levels).value, good_until_s(issued), len(issued))


def _issued(store: DocumentStore, sealer: Issuer, asked: Asked, sealed: bytes) -> tuple[bytes, list[SignatureLevel]]:
    issued, levels = sealer.issue_and_read(sealed, approvals_of(asked.roles, sealed))
    store.write_issued(asked.agreement, issued)
    return issued, levels


def _kept(store: DocumentStore, sealer: Issuer, agreement: bytes, sealed: bytes) -> tuple[bytes, list[SignatureLevel]] | None:
    """A file that was written before a crash forgot it: it is the issued file, and no second one may come to be."""
    try:
        issued = store.read_issued(agreement)
    except NotFoundError:
        return None
    try:
        return issued, check_issued(issued, sealed, sealer.trust_roots)
    except SonangError as wrong:
        raise SealingError(f"another file is in its place: {wrong}", field=str(store.issued_path(agreement)), fix=_RECHECK) from None


def approvals_of(roles: Sequence[str], sealed: bytes) -> list[Approval]:
    """How each party approved, in the order of signing, from the signatures the sealed file holds."""
    content = content_of(sealed)
    return [
        Approval(ROLE_WORDS[role], means_of(signer, signature, attested=content.evidence_of(place) is not None))
        for place, (role, signer, signature) in enumerate(zip(roles, content.signers, content.signatures, strict=True))
    ]
