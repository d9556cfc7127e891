"""Signing with pyHanko, appending what a signature takes and nothing else.

By itself pyHanko writes the document's metadata anew in every revision, in a form of XMP that not every PDF/A validator reads. They were
approved with the pages and stay as they are, as in a batch; so what follows a signature is put together here from pyHanko's parts.
"""

from __future__ import annotations

from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfPostSignatureDocument, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import async_validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

from ledger.sealing.profile import DIGEST

TOGETHER = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
"""Validation data stand in the revision of the time stamp over them, so that nothing follows it."""


class Appending(IncrementalPdfFileWriter):
    """Extends a PDF by what it is given: the metadata are the document's own."""

    def _update_meta(self) -> None:
        """Would write them anew."""


async def signed(pdf: bytes, signer: PdfSigner) -> bytes:
    """A PDF with one more signature, and with the validation data and the time stamp over them that `signer` was told to add."""
    writer, out = Appending(BytesIO(pdf), strict=True), BytesIO()
    session = signer.init_signing_session(writer)
    validated = await session.perform_presign_validation(writer)
    room = await session.estimate_signature_container_size(validated, tight=False)
    document = session.prepare_tbs_document(validated, bytes_reserved=room)
    prepared, _ = document.digest_tbs_document(output=out)
    attributes = PdfCMSSignedAttributes(signing_time=session.system_time, cades_signed_attrs=signer.signature_meta.cades_signed_attr_spec)
    after = await document.perform_signature(prepared.document_digest, attributes)
    await _follow(after, out)
    return out.getvalue()


async def stamped(pdf: bytes, stamper: TimeStamper, context: ValidationContext) -> bytes:
    """A PDF with one more document time stamp, over what validates the last one."""
    reader = PdfFileReader(BytesIO(pdf), strict=True)
    last = await async_validate_pdf_timestamp(reader.embedded_timestamp_signatures[-1], context)
    out = BytesIO(pdf)
    paths = [] if last.validation_path is None else [last.validation_path]
    stamp = PdfTimeStamper(stamper).async_timestamp_pdf
    await stamp(Appending(out, strict=True), DIGEST, context, validation_paths=paths, in_place=True, dss_settings=TOGETHER)
    return out.getvalue()


async def _follow(after: PdfPostSignatureDocument, out: BytesIO) -> None:
    """What comes behind a signature: its validation data, with a time stamp over all where one was asked for."""
    told, context = after.post_sign_instructions, after.validation_context
    if told is None:
        return
    known, writer = told.validation_info, Appending(out, strict=True)
    paths = list(known.validation_paths)
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=paths, validation_context=context, ocsps=known.ocsps_to_embed, crls=known.crls_to_embed
    )
    if told.timestamper is None:
        writer.write_in_place()  # type: ignore[no-untyped-call]
        return
    stamp = PdfTimeStamper(told.timestamper, field_name=told.timestamp_field_name).async_timestamp_pdf
    await stamp(writer, told.timestamp_md_algorithm or DIGEST, context, validation_paths=paths, in_place=True, dss_settings=TOGETHER)
