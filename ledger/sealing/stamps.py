"""RFC 3161 time stamps, each answer checked before it is used: is it about our bytes, about our question, and about now?"""

from __future__ import annotations

import datetime
from typing import Final

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from ledger.sealing.asking import shown_address
from ledger.sealing.errors import AuthorityUnavailableError, SealingError

TOLERANCE_S: Final = 300
"""How far the authority's clock may be from ours; more is a clock that lies, theirs or ours."""
TIMEOUT_S: Final = 15
_GRANTED = ("granted", "granted_with_mods")
_DOUBT = "ask the authority; use another one meanwhile (SONANG_TSA_URL)"


class _Answer(core.Sequence):  # type: ignore[misc]
    """RFC 3161's TimeStampResp: the stamp is missing where it was refused, which asn1crypto's own class does not allow for."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012 - asn1crypto edits it


class CheckedTimeStamper(HTTPTimeStamper):
    """A time-stamp authority that is believed only as far as it can be checked. Whether its certificate is trusted, the level check says.

    Args:
        url: where it answers.
        login: user and password, where it wants them.
    """

    def __init__(self, url: str, login: tuple[str, str] | None = None) -> None:
        super().__init__(url, timeout=TIMEOUT_S, auth=login)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A time stamp over a digest.

        Raises:
            AuthorityUnavailableError: no answer, or it says that it cannot now.
            SealingError: the answer is about something else, or about another time.
        """
        nonce, request = self.request_cms(message_digest, md_algorithm)  # type: ignore[no-untyped-call]
        try:
            response = _Answer.load((await self.async_request_tsa_response(request)).dump())
            status = str(response["status"]["status"].native)
        except (TimestampRequestError, TimeoutError, ValueError) as away:
            raise AuthorityUnavailableError(
                f"the time-stamp authority does not answer: {_cause(away)}",
                field=shown_address(self.url),
                fix="it is asked again by itself",
            ) from away
        if status not in _GRANTED:
            said = "; ".join(response["status"]["status_string"].native or [status])
            raise AuthorityUnavailableError(
                f"the time-stamp authority refused: {said[:200]}",
                field=shown_address(self.url),
                fix="see what your contract with it allows",
            )
        token = response["time_stamp_token"]
        self._check(_told(token, shown_address(self.url)), request, nonce)
        return token

    def _check(self, info: tsp.TSTInfo, request: tsp.TimeStampReq, nonce: int | None) -> None:
        imprint, asked = info["message_imprint"], request["message_imprint"]
        if imprint.dump() != asked.dump():
            raise SealingError("the time stamp is about other bytes than ours", field=shown_address(self.url), fix=_DOUBT)
        if info["nonce"].native != nonce:
            raise SealingError("the time stamp answers another question than ours (nonce)", field=shown_address(self.url), fix=_DOUBT)
        stamped = info["gen_time"].native
        apart = (stamped - datetime.datetime.now(datetime.UTC)).total_seconds()
        if abs(apart) > TOLERANCE_S:
            raise SealingError(
                f"the time stamp says {stamped:%Y-%m-%d %H:%M:%S} UTC, {abs(apart):.0f} s {'after' if apart > 0 else 'before'} our clock",
                field=shown_address(self.url),
                fix="compare this machine's clock with a public one; if it is right, use another authority (SONANG_TSA_URL)",
            )


def stamp_info(token: cms.ContentInfo | cms.SignedData) -> tsp.TSTInfo:
    """What a time stamp says.

    Raises:
        ValueError, TypeError, KeyError: not a time stamp.
    """
    signed = token["content"] if isinstance(token, cms.ContentInfo) else token
    info = signed["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise TypeError("not a time stamp")
    return info


def stamping_certificate(stamp: cms.SignedData) -> x509.Certificate:
    """The certificate a time stamp brings along for its signer.

    Raises:
        ValueError: it brings none.
    """
    signer = stamp["signer_infos"][0]["sid"].chosen
    for one in stamp["certificates"]:
        if one.chosen.issuer == signer["issuer"] and one.chosen.serial_number == signer["serial_number"].native:
            return one.chosen
    raise ValueError("a time stamp brings no certificate")


def _told(token: cms.ContentInfo, url: str) -> tsp.TSTInfo:
    try:
        return stamp_info(token)
    except (ValueError, TypeError, KeyError):
        raise SealingError("what the time-stamp authority sent is no time stamp", field=url, fix=_DOUBT) from None


def _cause(wrong: BaseException) -> str:
    return str(wrong.__cause__ or wrong)[:200] or type(wrong).__name__
