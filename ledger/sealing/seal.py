"""Seals a document: the approvals, the utility's seal, the archive time stamp, each a further revision of the same file."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    CertificateFetchError,
    CRLFetchError,
    InsufficientRevinfoError,
    OCSPFetchError,
    PathError,
    RevokedError,
    ValidationError,
)

from ledger.sealing.asking import shown_address
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.fitting import name_of
from ledger.sealing.keys import KeySource
from ledger.sealing.levels import SignatureLevel, check_issued
from ledger.sealing.profile import WIDGET, approvals_metadata, seal_metadata
from ledger.sealing.rules import Approval
from ledger.sealing.stamps import CheckedTimeStamper
from ledger.sealing.writing import signed

_COMMON_NAME = re.compile(r"Common Name: ([^;]{1,64})")
_URL = re.compile(r"https?://[^\s'\"<>]+")
_AWAY = (InsufficientRevinfoError, CertificateFetchError, CRLFetchError, OCSPFetchError, TimeoutError)


class Issuer(Protocol):
    """Whoever makes issued files: a `Sealer` singly, or a `batch.BatchSealer` for many."""

    @property
    def at_once(self) -> int:
        """How many threads may ask for a file at the same time."""
        ...

    @property
    def trust_roots(self) -> tuple[x509.Certificate, ...]:
        """What every signature and time stamp leads to."""
        ...

    def issue_and_read(self, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]]:
        """The issued file, at B-LTA, and its levels read back."""
        ...


@dataclass(frozen=True)
class Sealer:
    """The utility's keys, and the authorities it relies on.

    Attributes:
        seal_key, approvals_key: where the two signing keys are.
        trust_roots: what both signatures and every time stamp must lead to.
        tsa_url, tsa_login: the time-stamp authority.
    """

    seal_key: KeySource
    approvals_key: KeySource
    trust_roots: tuple[x509.Certificate, ...] = field(repr=False)
    tsa_url: str
    tsa_login: tuple[str, str] | None = field(default=None, repr=False)
    at_once: int = field(default=1, init=False, repr=False)

    def issue_and_read(self, sealed: bytes, approvals: Sequence[Approval]) -> tuple[bytes, list[SignatureLevel]]:
        """The issued file, at B-LTA, and its levels read back; `sealed` stays its beginning. Call it outside an event loop.

        Raises:
            AuthorityUnavailableError: an authority or a signing service does not answer; nothing was made.
            SealingError: a certificate is revoked or unknown, a time stamp cannot be believed, or the level came out lower.
        """
        issued = asyncio.run(self._issue(sealed, list(approvals)))
        return issued, check_issued(issued, sealed, self.trust_roots)

    async def _issue(self, sealed: bytes, approvals: list[Approval]) -> bytes:
        stamper = CheckedTimeStamper(self.tsa_url, self.tsa_login)
        certified = await self.certify(sealed, approvals, stamper)
        async with self.seal_key.signer() as signer:
            return await self.sign(certified, seal_metadata(_name(signer), self.context()), signer, stamper)

    async def certify(self, sealed: bytes, approvals: list[Approval], stamper: CheckedTimeStamper) -> bytes:
        """The sealed document with the approvals signature; errors as `issue_and_read`."""
        async with self.approvals_key.signer() as signer:
            return await self.sign(sealed, approvals_metadata(approvals, _name(signer), self.context()), signer, stamper)

    async def sign(self, pdf: bytes, metadata: PdfSignatureMetadata, signer: Signer, stamper: TimeStamper | None) -> bytes:
        """A PDF with one more signature, in revisions after what was there; errors as `issue_and_read`."""
        name = str(metadata.field_name)
        place = SigFieldSpec(sig_field_name=name, invis_sig_settings=WIDGET)
        try:
            return await signed(pdf, PdfSigner(metadata, signer, timestamper=stamper, new_field_spec=place))
        except (SigningError, PathError, ValidationError, SignatureValidationError, PdfError, OSError) as wrong:
            raise explained(wrong, name) from wrong
        finally:
            if metadata.validation_context is not None:
                with contextlib.suppress(OSError):
                    await metadata.validation_context.aclose()

    def context(self) -> ValidationContext:
        """What chains are checked against while signing: the services the certificates name must say that none is revoked."""
        return ValidationContext(trust_roots=list(self.trust_roots), allow_fetching=True, revocation_mode="require")


def _name(signer: Signer) -> str:
    certificate = signer.signing_cert
    if certificate is None:
        raise SealingError("the key has no certificate", field="seal", fix="put the certificate beside the key, under the same label")
    return name_of(certificate)


def explained(wrong: BaseException, field: str, what: str = "could not be signed") -> SealingError | AuthorityUnavailableError:
    """What pyHanko met, told apart: an authority that is away is waited for, anything else needs a person."""
    chain = list(_causes(wrong))
    revoked = next((one for one in chain if isinstance(one, RevokedError)), None)
    if revoked is not None:
        return SealingError(str(revoked), field=field, fix="order a new certificate, and seal with that")
    away = next((one for one in chain if isinstance(one, _AWAY)), None)
    if away is not None:
        about, at = _COMMON_NAME.search(str(away)), ", ".join(services(away))
        problem = f"a revocation service does not answer{f' about {about[1]}' if about else ''}{f': {at}' if at else ''}"
        fix = "it is asked again by itself; if this lasts, see whether the certificate names a service, and ask its provider"
        return AuthorityUnavailableError(problem, field=field, fix=fix)
    return SealingError(
        f"{what}: {wrong}", field=field, fix="check the certificate, its chain and SONANG_SEAL_TRUST_ROOTS; docs/sealing.md"
    )


def was_revoked(wrong: BaseException) -> bool:
    """Whether somebody took the certificate back."""
    return any(isinstance(one, RevokedError) for one in _causes(wrong))


def services(away: BaseException) -> list[str]:
    """Where the revocation services are that did not answer, as the error says, or else as the certificate does that it is about."""
    said = [one.rstrip(".,;") for one in _URL.findall(str(away))]
    if not said and isinstance(away, InsufficientRevinfoError):
        about = [one for one in away.original_path.iter_certs(include_root=False) if one.subject.human_friendly in str(away)]
        return [url for one in about[:1] for url in services_of(one)]
    return list(dict.fromkeys(map(shown_address, said)))


def services_of(certificate: x509.Certificate) -> list[str]:
    """Where a certificate says that it can be asked about."""
    lists = [point.url for point in certificate.crl_distribution_points if point.url]
    return list(dict.fromkeys(map(shown_address, (*certificate.ocsp_urls, *lists))))


def _causes(wrong: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while wrong is not None and wrong not in found:
        found.append(wrong)
        wrong = wrong.__cause__ or wrong.__context__
    return found
