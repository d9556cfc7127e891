"""What an issued PDF holds for a verifier, as separate files: signatures, time stamps, certificates and revocation answers.

Everything is copied out of the PDF as it is, so that programs which know no PDF (openssl) can check it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from ledger.protocol.errors import ProtocolError
from ledger.sealing.stamps import stamp_info

_UNREADABLE = (
    *(PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError),
    *(NotImplementedError, StopIteration),
)
_TOKEN = "signature_time_stamp_token"  # noqa: S105 - the name of an attribute


@dataclass(frozen=True)
class SignedPart:
    """One signature or document time stamp of a PDF.

    Attributes:
        name: of its form field.
        ranges: offset and length of each piece of the file it is over.
        signer: SHA-256 of the certificate it is by, hexadecimal.
        cms: the signature, DER; of a document time stamp the token itself.
        value: the bytes a signature's time stamp is over; empty for a document time stamp.
        token: the time-stamp token, DER.
        stamped_s: what the token says, Unix seconds.
    """

    name: str
    ranges: tuple[tuple[int, int], ...]
    signer: str
    cms: bytes
    value: bytes
    token: bytes
    stamped_s: int

    @property
    def archive(self) -> bool:
        """Whether it is a document time stamp."""
        return not self.value


@dataclass(frozen=True)
class Material:
    """All of it.

    Attributes:
        certificates: every certificate of the file, PEM, one after the other.
        authorities: those of them that may sign others.
        ocsp, crls: revocation answers, DER.
    """

    parts: tuple[SignedPart, ...]
    certificates: bytes
    authorities: bytes
    ocsp: tuple[bytes, ...]
    crls: tuple[bytes, ...]


def material_of(pdf: bytes) -> Material:
    """Takes an issued PDF apart.

    Raises:
        ProtocolError: it carries no signatures with time stamps and validation data.
    """
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        parts = tuple(_part(one) for one in reader.embedded_signatures)
        store = reader.root["/DSS"]
        streams = {
            key: tuple(each.get_object().data for each in store[key]) if key in store else () for key in ("/Certs", "/OCSPs", "/CRLs")
        }
    except _UNREADABLE as wrong:
        raise ProtocolError(
            f"no issued file: {wrong or type(wrong).__name__}", field="pdf", fix="issue the agreement first (`sonang seal`)"
        ) from None
    every, above = streams["/Certs"], [one for one in streams["/Certs"] if x509.Certificate.load(one).ca]
    return Material(parts, _pem(every), _pem(above), streams["/OCSPs"], streams["/CRLs"])


def _part(found: EmbeddedPdfSignature) -> SignedPart:
    content = cms.ContentInfo.load(bytes(found.pkcs7_content))  # the PDF's own hexadecimal string is padded, this is not
    numbers = [int(each) for each in found.sig_object["/ByteRange"]]
    ranges = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if found.sig_object["/Type"] == "/DocTimeStamp":
        token, value = content, b""
    else:
        signer = content["content"]["signer_infos"][0]
        token, value = _token(signer["unsigned_attrs"]), signer["signature"].native
    stamped = int(stamp_info(token)["gen_time"].native.timestamp())
    signed_by = sha256(found.signer_cert.dump()).hexdigest()
    return SignedPart(found.field_name, ranges, signed_by, content.dump(), value, token.dump(), stamped)


def _pem(certificates: Iterable[bytes]) -> bytes:
    return b"".join(pem.armor("CERTIFICATE", one) for one in certificates)


def _token(attributes: Sequence[cms.CMSAttribute]) -> cms.ContentInfo:
    return next(each["values"][0] for each in attributes if each["type"].native == _TOKEN)
