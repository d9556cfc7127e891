"""A key at a remote signing service that speaks the Cloud Signature Consortium's API, v1.

For each signature: `credentials/info` (once a document and credential), `credentials/authorize` for the one hash, `signatures/signHash`.
"""

from __future__ import annotations

import contextlib
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import aiohttp
from asn1crypto import algos, x509
from pydantic import SecretStr
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    base64_digest,
)

from ledger.sealing.csc import PIN, Refusal, Refused, Service
from ledger.sealing.errors import AuthorityUnavailableError
from ledger.sealing.fitting import check_fits

_PATH = "/csc/v1"
_UNLOCK = "set the PIN of the credential – or SONANG_SEAL_CSC_TOKEN, if the answer is about that –, see that it is not locked, then restart"


@dataclass(frozen=True)
class RemoteKey:
    """A key at a signing service.

    Attributes:
        url, token: the service and the bearer token it wants.
        credential, pin: which key, and what releases it, where the service wants that.
        setting: which names the credential.
        refused: what was said of a PIN that was refused; shared by the keys that are released by the same one.
    """

    url: str
    credential: str
    token: SecretStr | None = field(repr=False, default=None)
    pin: SecretStr | None = field(repr=False, default=None)
    setting: str = "SONANG_SEAL_KEY"
    refused: list[str] = field(default_factory=list, repr=False, compare=False)

    @contextlib.asynccontextmanager
    async def signer(self) -> AsyncIterator[Signer]:
        """A signer that asks the service for each signature. A PIN that was refused is not sent again: credentials lock themselves.

        Raises:
            AuthorityUnavailableError: the service does not answer, or refuses the token, the credential or the PIN.
        """
        self.check_pin_untried()
        bearer, pin = (one.get_secret_value() if one is not None else "" for one in (self.token, self.pin))
        base = self.url.rstrip("/").removesuffix(_PATH)
        info = CSCServiceSessionInfo(base, self.credential, oauth_token=bearer or None)
        async with aiohttp.ClientSession() as session:
            service = Service(session, base, info.auth_headers, self.credential, self.setting, (bearer, pin))
            try:
                answer = await service.ask(
                    "credentials/info", {"credentialID": self.credential, "certificates": "chain", "certInfo": False}
                )
            except Refused as said:
                service.refuse(said.refusal)
            self._check_unattended(answer)
            yield _RemoteSigner(service, _Release(info, _known(service, answer), service, self), session)

    def check_pin_untried(self) -> None:
        """Stops before a refused PIN is sent again.

        Raises:
            AuthorityUnavailableError: one was.
        """
        if self.refused:
            raise AuthorityUnavailableError(self.refused[0], field=PIN, fix=_UNLOCK)

    def _check_unattended(self, info: dict[str, Any]) -> None:
        """What cannot be given is not tried: each try may count as a wrong one."""
        if _wants(info, "OTP"):
            problem = f"the credential {self.credential} wants a one-time code for each signature"
            fix = "ask the provider for a credential that seals without a person: released by a PIN, or by the token alone"
            raise AuthorityUnavailableError(problem, field=self.setting, fix=fix)
        if _wants(info, "PIN") and self.pin is None:
            raise AuthorityUnavailableError(f"the credential {self.credential} wants a PIN", field=PIN, fix="set it")


def _wants(info: dict[str, Any], what: str) -> bool:
    asked = info.get(what)
    return isinstance(asked, dict) and str(asked.get("presence")).lower() == "true"


def _known(service: Service, info: dict[str, Any]) -> CSCCredentialInfo:
    """The credential's certificates, its own first, and how it can sign."""
    try:
        chain = [x509.Certificate.load(b64decode(one)) for one in info["cert"]["certificates"]]
        for one in chain:
            one.public_key.dump(), one.subject.native
        return CSCCredentialInfo(
            signing_cert=chain[0],
            chain=chain[1:],
            supported_mechanisms=frozenset(str(algos.SignedDigestAlgorithmId(oid).native) for oid in info["key"]["algo"]),
            max_batch_size=1,
            hash_pinning_required=str(info.get("SCAL")) == "2",
            response_data=info,
        )
    except (KeyError, IndexError, TypeError, ValueError):
        raise service.malformed("credentials/info") from None


class _Release(CSCAuthorizationManager):
    """Asks the service to release the key for exactly the hash that is about to be signed."""

    def __init__(self, info: CSCServiceSessionInfo, known: CSCCredentialInfo, service: Service, key: RemoteKey) -> None:
        super().__init__(info, known)
        self._service, self._key = service, key

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        self._key.check_pin_untried()
        pin = self._key.pin.get_secret_value() if self._key.pin is not None else None
        try:
            answer = await self._service.ask("credentials/authorize", self.format_csc_auth_request(pin=pin, hash_b64s=hash_b64s))
            return self.parse_csc_auth_response(answer)
        except Refused as said:
            self._refuse(said.refusal)
        except (SigningError, TypeError):
            raise self._service.malformed("credentials/authorize") from None

    def _refuse(self, refusal: Refusal) -> NoReturn:
        told = not (refusal.is_passing or refusal.is_elsewhere or refusal.is_about_token)
        if self._key.pin is not None and told and refusal.may_be_about_pin:
            self._key.refused.append(
                f"the signing service does not release {self._key.credential} to this PIN: it answers {refusal}; "
                "the PIN is not tried again, lest the credential locks itself"
            )
            self._key.check_pin_untried()
        self._service.refuse(refusal)


class _RemoteSigner(CSCSigner):
    """Signs one hash at a time, and looks at what comes back before it is in any file."""

    def __init__(self, service: Service, release: _Release, session: aiohttp.ClientSession) -> None:
        super().__init__(session, release)
        self._service = service

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(self.est_raw_signature_size)
        asked = await self.format_csc_signing_req([base64_digest(data, digest_algorithm)], digest_algorithm)
        try:
            answer = await self._service.ask("signatures/signHash", asked, asked["SAD"])
            (made,) = (b64decode(one) for one in answer["signatures"])
        except Refused as said:
            self._service.refuse(said.refusal)
        except (KeyError, TypeError, ValueError):
            raise self._service.malformed("signatures/signHash") from None
        check_fits(self, made, data, digest_algorithm, whose=f"the credential {self._service.credential}", setting=self._service.setting)
        return made
