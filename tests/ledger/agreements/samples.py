"""One rooftop agreement as tests use it, without a database: its terms, its PDF and a seal by two wallets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from ledger.agreements.kinds import Frame, Named, SaleFacts, kind_named
from ledger.agreements.render import render
from ledger.agreements.rules import canonical_values, kind_id, lookup_code, term_leaves, terms_root
from ledger.agreements.sealed import SealedContent, seal
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Agreement, Domain, digest

KIND = "rooftop-surplus-sale"
OWNER_KEY = bytes(range(32))
WALLETS = (b"\x01" * 32, b"\x02" * 32)
START = 1_782_838_800
"""1 July 2026, 00:00 in Vietnam."""
FACTS = SaleFacts("PE15000123456001", "Trạm T15 – Phường Tân Thuận", 5_200, 671)
PARTIES = (Named(b"\xaa" * 32, "Nguyễn Thị Hoà"), Named(b"\xbb" * 32, "Công ty Điện lực Tân Thuận"))


@dataclass(frozen=True)
class Sample:
    """A sealed agreement and what it was made from."""

    terms: dict[str, object]
    base: bytes
    content: SealedContent
    pdf: bytes


def frame(agreement: bytes = b"\xcc" * 32, name: str = PARTIES[0].name, dated_s: int = START) -> Frame:
    """The frame of an agreement between an owner of that name and the utility."""
    code = lookup_code(OWNER_KEY, agreement)
    return Frame(agreement, code, (Named(PARTIES[0].id, name), PARTIES[1]), START, dated_s, None, "Asia/Ho_Chi_Minh")


def terms_of(of: Frame, facts: SaleFacts = FACTS) -> dict[str, object]:
    """The terms of a rooftop agreement."""
    return kind_named(KIND).terms(of, facts)


def signed_content(base: bytes, terms: dict[str, object], agreement: bytes = b"\xcc" * 32) -> SealedContent:
    """What the seal of a document says, signed by both wallets."""
    leaves = term_leaves(OWNER_KEY, agreement, canonical_values(terms))
    typed = Agreement(
        id=agreement,
        kind=kind_id(KIND),
        base_length=len(base),
        base_digest=sha256(base).digest(),
        terms_root=terms_root(leaves),
        parties=tuple(party.id for party in PARTIES),
        valid_from=START,
        valid_to=START + 157_766_400,
        supersedes=bytes(32),
        deadline=START,
    )
    domain = Domain(31337, b"\x11" * 20)
    message = digest(domain, typed)
    return SealedContent(domain, typed, tuple(eoa_signer(key) for key in WALLETS), tuple(sign_eoa(key, message) for key in WALLETS), leaves)


@cache
def sample() -> Sample:
    """The agreement most tests look at."""
    terms = terms_of(frame())
    base = render(KIND, terms)
    content = signed_content(base, terms)
    return Sample(terms, base, content, seal(base, content))
