"""Tries what sealing needs before the first document: keys, certificates, revocation services, time stamps. No document is touched."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from asn1crypto import cms, x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.constants import DEFAULT_SIGNER_KEY_USAGE
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import PathError, ValidationError

from ledger.errors import SonangError
from ledger.sealing.asking import shown_address
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.fitting import check_fits, name_of
from ledger.sealing.keys import KeySource
from ledger.sealing.profile import DIGEST
from ledger.sealing.seal import Sealer, explained, services_of, was_revoked
from ledger.sealing.stamps import CheckedTimeStamper, stamping_certificate

About = Literal["approvals", "seal", "both", "time-stamp"]
Step = Literal["key", "stamp", "certificate", "revocation"]
State = Literal["good", "fails", "not-tried"]
_WORDS: Final = "Sổ Nắng thử khoá, không phải tài liệu / tries a key, no document: ".encode()
"""What is signed begins with this, so that it can never stand for a document."""


@dataclass(frozen=True)
class Tried:
    """One thing that was tried.

    Attributes:
        about: whose: the approvals', the seal's, one key's that is for both, or the time-stamp authority's.
        step: the key signs and fits its certificate, a time stamp came and fits, the certificate leads to a trusted root, it is unrevoked.
        shown: what was found, where it is good. `wrong`: what keeps it from being so, where it fails.
    """

    about: About
    step: Step
    state: State
    shown: str = ""
    wrong: SonangError | None = None


@dataclass
class _Trial:
    """The steps of one key or authority, in order: after one that fails none is tried."""

    about: About
    steps: tuple[Step, ...]
    done: list[Tried] = field(default_factory=list)

    def good(self, shown: str) -> None:
        self.done.append(Tried(self.about, self.steps[len(self.done)], "good", shown))

    def fails(self, wrong: SonangError) -> None:
        self.done.append(Tried(self.about, self.steps[len(self.done)], "fails", wrong=wrong))

    def results(self) -> list[Tried]:
        return [*self.done, *(Tried(self.about, step, "not-tried") for step in self.steps[len(self.done) :])]


def try_sealer(sealer: Sealer) -> list[Tried]:
    """Signs something thrown away with each key, asks about each certificate, and asks for one time stamp; call it outside an event loop.

    PINs are used as in earnest: one that is refused counts.
    """
    return asyncio.run(_try_all(sealer))


async def _try_all(sealer: Sealer) -> list[Tried]:
    keys: list[tuple[About, KeySource]] = [("approvals", sealer.approvals_key), ("seal", sealer.seal_key)]
    if sealer.approvals_key == sealer.seal_key:
        keys = [("both", sealer.seal_key)]
    found = [one for about, key in keys for one in await _try_key(sealer, about, key)]
    return found + await _try_stamps(sealer)


async def _try_key(sealer: Sealer, about: About, key: KeySource) -> list[Tried]:
    trial = _Trial(about, ("key", "certificate", "revocation"))
    try:
        async with key.signer() as signer:
            message = _WORDS + secrets.token_bytes(32)
            made = await signer.async_sign_raw(message, DIGEST)
            certificate = signer.signing_cert
            if certificate is None:
                raise SealingError("the key has no certificate", field=key.setting, fix="put the certificate beside the key")
            check_fits(signer, made, message, DIGEST, whose="the key", setting=key.setting)
            trial.good(name_of(certificate))
            await _try_certificate(sealer, trial, certificate, list(signer.cert_registry))
    except SonangError as wrong:
        trial.fails(wrong)
    except (SigningError, OSError) as wrong:
        trial.fails(explained(wrong, key.setting))
    return trial.results()


async def _try_stamps(sealer: Sealer) -> list[Tried]:
    trial = _Trial("time-stamp", ("stamp", "certificate", "revocation"))
    at = shown_address(sealer.tsa_url)
    try:
        token = await CheckedTimeStamper(sealer.tsa_url, sealer.tsa_login).async_timestamp(secrets.token_bytes(32), DIGEST)
        signed = token["content"]
        certificate = _stamped_by(signed, at)
        trial.good(at)
        between = [one.chosen for one in signed["certificates"] if one.name == "certificate"]
        await _try_certificate(sealer, trial, certificate, between)
    except SonangError as wrong:
        trial.fails(wrong)
    return trial.results()


def _stamped_by(stamp: cms.SignedData, at: str) -> x509.Certificate:
    """The certificate whose key signed a time stamp."""
    fix = "ask the authority; use another one meanwhile (SONANG_TSA_URL)"
    try:
        certificate, signer = stamping_certificate(stamp), stamp["signer_infos"][0]
        said = hashlib.new(signer["digest_algorithm"]["algorithm"].native, bytes(stamp["encap_content_info"]["content"])).digest()
        whole = all(validate_sig_integrity(signer, certificate, "tst_info", said))
    except (ValueError, TypeError, KeyError) as wrong:
        raise SealingError(f"the time stamp cannot be checked: {wrong}", field=at, fix=fix) from None
    if not whole:
        raise SealingError("the time stamp is not signed by the authority's certificate", field=at, fix=fix)
    return certificate


async def _try_certificate(sealer: Sealer, trial: _Trial, certificate: x509.Certificate, between: Sequence[x509.Certificate]) -> None:
    """Whether it leads to a trusted root for this use, and whether the services it names say that nothing on the way is revoked."""
    name, until = name_of(certificate), f"{certificate.not_valid_after:%Y-%m-%d}"
    leads, asked = f"{name}, đến · until {until}", ", ".join(services_of(certificate))
    usage, extended = (set[str](), {"time_stamping"}) if trial.about == "time-stamp" else (DEFAULT_SIGNER_KEY_USAGE, set[str]())
    context = sealer.context()
    try:
        await CertificateValidator(certificate, between, context).async_validate_usage(usage, extended)
    except (PathError, ValidationError, OSError) as wrong:
        told = explained(wrong, name, "is not proven by the trusted roots")
        if isinstance(told, AuthorityUnavailableError) or was_revoked(wrong):
            trial.good(leads)
        trial.fails(told)
        return
    finally:
        with contextlib.suppress(OSError):
            await context.aclose()
    trial.good(leads)
    trial.good(asked)
