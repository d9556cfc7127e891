"""What the files of a batch share: the layout of both signatures, certificates, revocation answers, learnt from one that pyHanko made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from asn1crypto import cms as asn1_cms
from pyhanko.pdf_utils.reader import PdfFileReader

from ledger.sealing.der import OCTETS, SEQUENCE, SET, items, only, wrap
from ledger.sealing.errors import SealingError
from ledger.sealing.tokens import StampedBy, Stamper, frame_of

SLACK: Final = 512
"""Bytes kept beyond the first document's signatures: serial numbers, times and ECDSA values vary a little."""
_STAMP_ATTRIBUTE: Final = bytes.fromhex("060b2a864886f70d010910020e")
_DIGEST_OID: Final = bytes.fromhex("06092a864886f70d010904")


@dataclass(frozen=True)
class CmsLayout:
    """A CMS whose every byte is known but the digest, the signature and the time stamp.

    Attributes:
        opening: of SignedData: version, digest algorithms, content type, certificates.
        signer: of SignerInfo: version, certificate's name, digest algorithm.
        before, after: signed attributes around the 32 bytes of the digest, as a SET.
        algorithm: of the signature.
        room: bytes a finished one needs at most.
    """

    opening: bytes
    signer: bytes
    before: bytes
    after: bytes
    algorithm: bytes
    room: int

    @classmethod
    def of(cls, made: bytes) -> CmsLayout:
        """The layout of one that pyHanko made.

        Raises:
            SealingError: it is built otherwise than this program knows.
        """
        _, explicit = items(only(made, SEQUENCE).content)
        signed = list(items(only(explicit.content, SEQUENCE).content))
        parts = list(items(only(signed[-1].content, SEQUENCE).content))
        attributes = b"\x31" + parts[3].whole[1:]
        digests = [one.content for one in items(parts[3].content) if one.content.startswith(_DIGEST_OID)]
        if len(digests) != 1 or not digests[0].endswith(b"\x04\x20" + digests[0][-32:]):
            raise SealingError("signed over another digest than SHA-256", field="seal", fix="let pyHanko make each file")
        at = attributes.index(digests[0]) + len(digests[0]) - 32
        return cls(
            opening=b"".join(one.whole for one in signed[:-1]),
            signer=b"".join(one.whole for one in parts[:3]),
            before=attributes[:at],
            after=attributes[at + 32 :],
            algorithm=parts[4].whole,
            room=len(made) + SLACK,
        )

    def filled(self, digest: bytes, sign: Callable[[bytes], bytes], stamper: Stamper) -> bytes:
        """The CMS over a digest, with a time stamp over its signature."""
        attributes = self.before + digest + self.after
        signature = sign(attributes)
        token = stamper.stamp(sha256(signature).digest())
        stamped = wrap(0xA1, wrap(SEQUENCE, _STAMP_ATTRIBUTE, wrap(SET, token)))
        info = wrap(SEQUENCE, self.signer, b"\xa0" + attributes[1:], self.algorithm, wrap(OCTETS, signature), stamped)
        return wrap(SEQUENCE, bytes.fromhex("06092a864886f70d010702"), wrap(0xA0, wrap(SEQUENCE, self.opening, wrap(SET, info))))


@dataclass(frozen=True)
class BatchPattern:
    """What every file of a batch shares.

    Attributes:
        approvals, seal: layouts of the two signatures; `names` and `signers` are their signers' names and certificates, DER.
        store: streams of the security store by their names.
        stamped_by: the time-stamp authority; `stamp_room` is what its tokens need.
    """

    approvals: CmsLayout
    seal: CmsLayout
    names: tuple[str, str]
    signers: tuple[bytes, bytes]
    store: dict[bytes, tuple[bytes, ...]]
    stamped_by: StampedBy
    stamp_room: int

    @classmethod
    def of(cls, issued: bytes) -> BatchPattern:
        """The pattern of a file that was issued and validated."""
        reader = PdfFileReader(BytesIO(issued))
        first, second = (bytes(one.sig_object.raw_get("/Contents")) for one in reader.embedded_regular_signatures)
        stamp = reader.embedded_timestamp_signatures[-1]
        token = _trimmed(bytes(stamp.sig_object.raw_get("/Contents")))
        store = reader.root["/DSS"]
        streams = {name.encode(): tuple(one.get_object().data for one in store.get("/" + name, ())) for name in ("Certs", "OCSPs", "CRLs")}
        names = [str(one.sig_object["/Name"]) for one in reader.embedded_regular_signatures]
        signers = [one.signer_cert.dump() for one in reader.embedded_regular_signatures]
        return cls(
            approvals=CmsLayout.of(_trimmed(first)),
            seal=CmsLayout.of(_trimmed(second)),
            names=(names[0], names[1]),
            signers=(signers[0], signers[1]),
            store=streams,
            stamped_by=StampedBy(stamp.signer_cert.dump(), frame_of(token)),
            stamp_room=len(token) + SLACK,
        )


def _trimmed(padded: bytes) -> bytes:
    """A CMS without the zeros that fill its room."""
    return bytes(asn1_cms.ContentInfo.load(padded, strict=False).dump())
