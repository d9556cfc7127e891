"""What bundles claim: one file a kind, each with the checks that make it true."""

from __future__ import annotations

from ledger.evidence.claims.agreement import AgreementClaim
from ledger.evidence.claims.disclosure import DisclosureClaim
from ledger.evidence.claims.position import PositionClaim
from ledger.evidence.claims.reading import ReadingClaim
from ledger.evidence.claims.trade import TradeClaim

Claim = AgreementClaim | DisclosureClaim | ReadingClaim | TradeClaim | PositionClaim
CLAIMS: dict[str, type[Claim]] = {
    "agreement": AgreementClaim,
    "disclosure": DisclosureClaim,
    "position": PositionClaim,
    "reading": ReadingClaim,
    "trade": TradeClaim,
}
"""By the kind a bundle names."""
