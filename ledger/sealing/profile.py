"""What the utility's signatures look like, in one place: whoever makes them another way makes the same."""

from __future__ import annotations

from typing import Final

from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko_certvalidator import ValidationContext

from ledger.sealing.rules import Approval, reason_for

APPROVALS_FIELD: Final = "SoNangApprovals"
SEAL_FIELD: Final = "SoNangSeal"
STAMP_FIELD: Final = "SoNangArchiveStamp"
"""The archive time stamp made at sealing; renewals get names of their own."""
SUBFILTER: Final = SigSeedSubFilter.PADES
DIGEST: Final = "sha256"
PERMISSION: Final = MDPPerm.FILL_FORMS
"""What the approvals allow afterwards: signatures and validation data, no change of any page. NO_CHANGES would forbid the seal."""
WIDGET: Final = InvisSigSettings(set_print_flag=True, set_hidden_flag=False)
"""Invisible, as PDF/A wants it: the pages were signed as they are, so nothing is drawn on them afterwards."""
DSS: Final = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_NEXT_TS)
"""Validation data in one store for the whole file; entries for single signatures (VRI) are superseded in ETSI EN 319 142-1."""
LOCATION: Final = "Việt Nam"
SEAL_REASON: Final = "Điện lực đóng dấu tài liệu đã được các bên chấp thuận / Sealed by the utility once every party approved"


def approvals_metadata(approvals: list[Approval], name: str, context: ValidationContext) -> PdfSignatureMetadata:
    """The first signature: certifies the pages and says how each party approved them.

    Args:
        name: of the signer, from its certificate.
        context: what its chain is checked against; its validation data go into the file.
    """
    return PdfSignatureMetadata(
        field_name=APPROVALS_FIELD,
        md_algorithm=DIGEST,
        subfilter=SUBFILTER,
        certify=True,
        docmdp_permissions=PERMISSION,
        reason=reason_for(approvals),
        location=LOCATION,
        name=name,
        embed_validation_info=True,
        validation_context=context,
        dss_settings=DSS,
    )


def seal_metadata(name: str, context: ValidationContext) -> PdfSignatureMetadata:
    """The second signature: the utility's seal, with the archive time stamp over everything before it."""
    return PdfSignatureMetadata(
        field_name=SEAL_FIELD,
        md_algorithm=DIGEST,
        subfilter=SUBFILTER,
        reason=SEAL_REASON,
        location=LOCATION,
        name=name,
        embed_validation_info=True,
        use_pades_lta=True,
        timestamp_field_name=STAMP_FIELD,
        validation_context=context,
        dss_settings=DSS,
    )
