"""Pure decisions of the queue and the words of the signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FIRST_PAUSE_S: Final = 5
LONGEST_PAUSE_S: Final = 900
ROLE_WORDS: Final = {"owner": "Chủ mái / Owner", "customer": "Khách hàng / Customer", "utility": "Điện lực / Utility"}


@dataclass(frozen=True)
class Approval:
    """How one party approved a document, as the approvals signature says it.

    Attributes:
        party: who, by role: `Khách hàng / Customer`.
        means: how: `OTP (điện lực xác nhận / attested by the utility)`.
    """

    party: str
    means: str

    @property
    def words(self) -> str:
        """Both in one phrase."""
        return f"{self.party}: {self.means}"


def pause_s(tries: int) -> int:
    """How long to wait after so many failed tries: five seconds, doubled each time, a quarter of an hour at most."""
    return min(FIRST_PAUSE_S << min(tries - 1, 20), LONGEST_PAUSE_S) if tries > 0 else 0


def means_of(signer: bytes, signature: bytes, *, attested: bool) -> str:
    """How a party signed, told by the forms of its signer and signature (docs/protocol.md)."""
    if attested:
        return "OTP, điện lực xác nhận / one-time code attested by the utility"
    if len(signer) == 20:
        return "ví điện tử / wallet"
    if len(signer) == 20 + 64:
        return "khoá P-256 / P-256 key" if len(signature) == 64 else "passkey"
    return "chứng thư doanh nghiệp / company certificate"


def reason_for(approvals: Sequence[Approval]) -> str:
    """The reason of the approvals signature."""
    return "Các bên đã chấp thuận / Approved by: " + "; ".join(one.words for one in approvals)
