"""Sealing a campaign: the same profile as `sealer`, from a fixed CMS layout, many times faster.

The first document of a batch is issued by pyHanko and validated; its chains, revocation answers and signed attributes are the pattern of
all that follow. Every fast file is read back by `batch_check`, and the second and every fiftieth after it by pyHanko too.
"""

from __future__ import annotations

import contextlib
import datetime
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from ledger.errors import RuleError
from ledger.sealing.auditing import Samples
from ledger.sealing.batch_check import read_fast
from ledger.sealing.batch_pattern import BatchPattern
from ledger.sealing.errors import ForeignError, SealingError
from ledger.sealing.keys import KeySource, Pkcs12Key
from ledger.sealing.levels import SignatureLevel
from ledger.sealing.profile import LOCATION, SEAL_FIELD, SEAL_REASON, STAMP_FIELD
from ledger.sealing.revisions import Fields, Growing, certifying, security_store, text
from ledger.sealing.rules import Approval, reason_for
from ledger.sealing.seal import Issuer, Sealer
from ledger.sealing.tokens import HttpStamper, StampedBy, Stamper, asker_of

AT_ONCE: Final = 4
"""Files made at once where nothing else is said (SONANG_SEAL_AT_ONCE): while one waits for a stamp, others are hashed, signed, read."""
log = structlog.get_logger(__name__)
FRESH_S: Final = 600
"""How long a batch relies on revocation answers before it fetches new ones."""


class BatchSealer:
    """Seals documents in a batch, several threads at once by the same pattern; what is built otherwise than ours, the sealer does singly.

    Args:
        sealer: whose keys, roots and authority are used.
        stamper: another way to the authority; default over connections that are kept.
        at_once: how many threads may ask for a file at the same time.

    Raises:
        RuleError: a key is in a token or at a service: it cannot be used in a batch.
    """

    def __init__(self, sealer: Sealer, stamper: Callable[[StampedBy], Stamper] | None = None, at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._sealer = sealer
        self._signs = (_signing(sealer.approvals_key), _signing(sealer.seal_key))
        asker = asker_of(sealer.tsa_url, sealer.tsa_login)
        self._stamper_of = stamper or (lambda by: HttpStamper(by, asker))
        self.samples = Samples(sealer.trust_roots)
        self.pattern: BatchPattern | None = None
        self._turns = threading.Lock()
        self._levels: list[SignatureLevel] = []
        self._since = 0.0
        self._singly_until = 0.0

    @property
    def trust_roots(self) -> tuple[x509.Certificate, ...]:
        """What every signature and time stamp leads to."""
        return self._sealer.trust_roots

    @property
    def audited_s(self) -> float:
        """Processor seconds of pyHanko's readings in the process beside this one."""
        return self.samples.auditor.core_s

    def issue_and_read(self, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]]:
        """The issued file, at B-LTA, and its levels read back; as `Sealer.issue_and_read`.

        A file that does not pass ends its pattern: the next one is made by pyHanko and learnt from. Where a pattern's very first file does
        not pass, or none can be learnt – an authority may sign in a way that this program does not know –, pyHanko makes all for a while.

        Raises:
            AuthorityUnavailableError, SealingError: as there.
        """
        with contextlib.suppress(ForeignError):
            made = self._in_batch(sealed, approvals)
            if made is not None:
                return made
        return self._sealer.issue_and_read(sealed, approvals)

    def _in_batch(self, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]] | None:
        with self._turns:
            self.samples.settle()
            if time.monotonic() < self._singly_until:
                return None
            if self.pattern is None or time.monotonic() - self._since > FRESH_S:
                return self._learn(sealed, approvals)
            pattern, levels, sample = self.pattern, self._levels, self.samples.turn()
            if not self.samples.proven:
                return self._first(pattern, sealed, approvals)
        return self._sample(pattern, sealed, approvals) if sample else self._made(pattern, levels, sealed, approvals)

    def _learn(self, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]]:
        issued, levels = self._sealer.issue_and_read(sealed, approvals)
        try:
            self.learn_from(issued, levels)
        except (SealingError, ValueError, LookupError, TypeError) as wrong:
            self._give_up(wrong)
        return issued, levels

    def learn_from(self, issued: bytes, levels: list[SignatureLevel]) -> None:
        """Begins a batch with a file that this office issued and pyHanko validated just now.

        Raises:
            SealingError, ValueError, LookupError, TypeError: it is built otherwise than this program knows.
        """
        self.samples.begin()
        self._levels, self.pattern, self._since = levels, BatchPattern.of(issued), time.monotonic()

    def _first(self, pattern: BatchPattern, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]] | None:
        try:
            return self._sample(pattern, sealed, approvals)
        except ForeignError:
            raise
        except SealingError as wrong:
            self._give_up(wrong)
            return None

    def _give_up(self, why: Exception) -> None:
        self.pattern, self._singly_until = None, time.monotonic() + FRESH_S
        log.warning("documents are sealed singly for a while", why=str(why))

    def _sample(self, pattern: BatchPattern, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]]:
        good = False
        try:
            issued = self._fast(pattern, self._stamper_of(pattern.stamped_by), sealed, approvals)
            levels = self.samples.check(issued, sealed)
            good = True
        except ForeignError:
            raise
        except SealingError:
            self._forget(pattern)
            raise
        finally:
            self.samples.passed(good=good)
        return issued, levels

    def _made(
        self, pattern: BatchPattern, levels: list[SignatureLevel], sealed: bytes, approvals: Sequence[Approval]
    ) -> tuple[bytes, list[SignatureLevel]]:
        issued = self._fast(pattern, self._stamper_of(pattern.stamped_by), sealed, approvals)
        try:
            return issued, read_fast(issued, sealed, pattern.signers, pattern.stamped_by, levels)
        except SealingError:
            self._forget(pattern)
            raise

    def _forget(self, pattern: BatchPattern) -> None:
        if self.pattern is pattern:
            self.pattern = None

    def _fast(self, pattern: BatchPattern, stamper: Stamper, sealed: bytes, approvals: Sequence[Approval]) -> bytes:
        growing = Growing.of(sealed)
        dictionary = growing.size
        fields = Fields(dictionary + 1, dictionary + 2, dictionary + 3)
        entries = _signature(pattern.names[0], reason_for(approvals)) + certifying()
        first = fields.first(growing, dictionary)
        growing.sign(first, dictionary, entries, pattern.approvals.room, lambda it: pattern.approvals.filled(it, self._signs[0], stamper))

        dictionary = growing.size
        filled = {fields.seal: fields.widget(growing, SEAL_FIELD, dictionary)}
        entries = _signature(pattern.names[1], SEAL_REASON)
        growing.sign(filled, dictionary, entries, pattern.seal.room, lambda it: pattern.seal.filled(it, self._signs[1], stamper))

        dictionary = growing.size
        objects, store = security_store(dictionary + 2, pattern.store)
        objects |= {fields.stamp: fields.widget(growing, STAMP_FIELD, dictionary), dictionary + 1: store}
        objects[growing.root] = growing.catalog[:-2] + b"/DSS %d 0 R>>" % (dictionary + 1)
        entries = b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
        growing.sign(objects, dictionary, entries, pattern.stamp_room, stamper.stamp)
        return bytes(growing.pdf)


def issuer_of(sealer: Sealer, at_once: int = AT_ONCE) -> Issuer:
    """The fastest that can use its keys: in batches where they are in files; a token or a service signs one file at a time."""
    try:
        return BatchSealer(sealer, at_once=at_once)
    except RuleError:
        return sealer


def _signature(name: str, reason: str) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    words = b"/Name%s/Location%s/Reason%s" % (text(name), text(LOCATION), text(reason))
    return b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:%s)" % now.strftime("%Y%m%d%H%M%SZ").encode() + words


def _signing(source: KeySource) -> Callable[[bytes], bytes]:
    if not isinstance(source, Pkcs12Key):
        raise RuleError("the key is not in a file", field="seal", fix="let the sealer itself issue: a token or a service signs one by one")
    key: Any = load_der_private_key(source.loaded.signing_key.dump(), None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, ec.ECDSA(SHA256()))
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda message: key.sign(message, padding.PKCS1v15(), SHA256())
    raise RuleError("the key is neither ECDSA nor RSA", field="seal", fix="let the sealer itself issue")
