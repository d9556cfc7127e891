"""How a signing service of the Cloud Signature Consortium (API v1) is asked, and what its refusals mean to who set it up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import aiohttp
import orjson

from ledger.sealing.asking import LARGEST, shown_address
from ledger.sealing.errors import AuthorityUnavailableError

TIMEOUT_S: Final = 30
SAID: Final = 200
"""Characters of what a service says of a refusal that are shown."""
URL, TOKEN, PIN = "SONANG_SEAL_CSC_URL", "SONANG_SEAL_CSC_TOKEN", "SONANG_SEAL_CSC_PIN"
_LATER: Final = (408, 425, 429)
"""Statuses that blame nobody: asked too often, or too slowly."""
_ABOUT_TOKEN: Final = re.compile(r"invalid_token|expired_token|unauthorized_client|(?:access|bearer|refresh) token", re.IGNORECASE)
_ABOUT_PIN: Final = re.compile(r"\bPIN|_pin\b|\block", re.IGNORECASE)
_ABOUT_ELSE: Final = re.compile(r"credentialID|numSignatures|\bhash\b|\bOTP|_otp\b", re.IGNORECASE)
_TELL_BEARER: Final = "set the bearer token the provider gave out: still valid, and for this credential"
_TELL_KEY: Final = "name a credential that the provider lists for this token (credentials/list), and see that it is active"
_TELL_URL: Final = "name the service's address as its provider does, without what follows /csc/v1; docs/sealing.md"


@dataclass(frozen=True)
class Refusal:
    """A service that answered, and not with what was asked for.

    Attributes:
        call: of the API. `status`: of HTTP.
        error, said: its code for it; that and its description, bounded, on one line, without our secrets. Empty where it says nothing.
    """

    call: str
    status: int
    error: str
    said: str

    @property
    def is_passing(self) -> bool:
        """Whether it is the service's own trouble, over by itself."""
        return self.status >= 500 or self.status in _LATER

    @property
    def is_elsewhere(self) -> bool:
        """Whether nothing that speaks the API is there."""
        return 300 <= self.status < 400 or (self.status in (404, 405) and not self.error)

    @property
    def is_about_token(self) -> bool:
        """Whether the bearer token is refused. A bare 401 while the key is released is about the PIN: the token was good just now."""
        if _ABOUT_TOKEN.search(self.said):
            return True
        return self.status in (401, 403) and self.call != "credentials/authorize"

    @property
    def may_be_about_pin(self) -> bool:
        """Whether a PIN that was sent may have been counted as a wrong one; unless it is plainly about something else, it may."""
        return bool(_ABOUT_PIN.search(self.said)) or not _ABOUT_ELSE.search(self.said)

    def __str__(self) -> str:
        return f"{self.status} {self.said}".strip()


class Refused(Exception):  # noqa: N818 - told on as an error of ours once it is known what it is about
    """Carries a refusal to who knows what was asked."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


@dataclass(frozen=True)
class Service:
    """A service, and who asks it.

    Attributes:
        session: over which it is asked.
        base: its address, up to and without `/csc/v1`. `headers`: with the bearer token.
        credential: which key, as messages name it. `setting`: which names it.
        secrets: what a message must not repeat.
    """

    session: aiohttp.ClientSession
    base: str
    headers: dict[str, str]
    credential: str
    setting: str
    secrets: tuple[str, ...]

    async def ask(self, call: str, body: dict[str, Any], *hidden: str) -> dict[str, Any]:
        """The answer to a call. Nobody is followed to another address: token and PIN are for this one.

        Args:
            hidden: more that a message must not repeat.

        Raises:
            AuthorityUnavailableError: no answer, or none of this API.
            Refused: it says no.
        """
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        url = f"{self.base}/csc/v1/{call}"
        try:
            async with self.session.post(url, headers=self.headers, json=body, timeout=limit, allow_redirects=False) as response:
                status, raw = response.status, await _bounded(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as wrong:
            problem = f"the signing service does not answer for {self.credential}: {self._clean(_words(wrong), hidden)}"
            fix = f"it is asked again by itself; check {URL} if this lasts"
            raise AuthorityUnavailableError(problem, field=shown_address(self.base), fix=fix) from None
        answer = _object(raw)
        if status != 200:
            error, why = (answer.get(name) for name in ("error", "error_description"))
            words = [self._clean(one, hidden) for one in (error, why) if isinstance(one, str) and one]
            raise Refused(Refusal(call, status, words[0] if isinstance(error, str) and words else "", ": ".join(words)))
        if not answer:
            raise self.malformed(call)
        return answer

    def refuse(self, refusal: Refusal) -> NoReturn:
        """Tells whose fault a refusal is, as far as any call can.

        Raises:
            AuthorityUnavailableError: always, about the setting to look at.
        """
        about = f"the signing service answers {refusal.call} for {self.credential} with {refusal}"
        if refusal.is_passing:
            fix = "it is asked again by itself; ask its provider if this lasts"
            raise AuthorityUnavailableError(about, field=shown_address(self.base), fix=fix)
        if refusal.is_elsewhere:
            raise AuthorityUnavailableError(f"{about}: no signing service is there", field=URL, fix=_TELL_URL)
        if refusal.is_about_token:
            raise AuthorityUnavailableError(about, field=TOKEN, fix=_TELL_BEARER)
        raise AuthorityUnavailableError(about, field=self.setting, fix=_TELL_KEY)

    def malformed(self, call: str) -> AuthorityUnavailableError:
        """What is said of an answer that the API does not know."""
        return AuthorityUnavailableError(f"what answers {call} does so not as a signing service (CSC API v1)", field=URL, fix=_TELL_URL)

    def _clean(self, words: str, hidden: Sequence[str]) -> str:
        shown = " ".join("".join(one if one.isprintable() else " " for one in words[:LARGEST]).split())
        for secret in (*self.secrets, *hidden):
            shown = shown.replace(secret, "…") if secret else shown
        return shown if len(shown) <= SAID else f"{shown[:SAID]}…"


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """A body, as far as anything in it can matter."""
    got = bytearray()
    async for part in response.content.iter_chunked(1 << 16):
        got += part
        if len(got) > LARGEST:
            break
    return bytes(got[:LARGEST])


def _object(raw: bytes) -> dict[str, Any]:
    """A JSON object; empty where it is none."""
    try:
        found = orjson.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(wrong: BaseException) -> str:
    return str(wrong) or type(wrong).__name__
