"""One household, its utility and what they sign, without a database: the contract benchmarks time and tests look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from ledger.agreements.kinds import Frame, Named, facts_from, kind_named
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.render import render
from ledger.agreements.rules import canonical_values, kind_id, lookup_code, term_leaves, terms_root
from ledger.agreements.sealed import SealedContent, seal
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Agreement, Domain, digest

KIND = "supply-residential"
START = 1_782_838_800
"""1 July 2026, 00:00 in Vietnam."""
CUSTOMER, UTILITY = Named(b"\xaa" * 32, "Nguyễn Thị Hoà"), Named(b"\xbb" * 32, "Công ty Điện lực Tân Thuận")
CUSTOMER_KEY = bytes(range(32))
"""From which its salts and look-up codes are derived."""
WALLETS = (b"\x01" * 32, b"\x02" * 32)
FACTS: Mapping[str, object] = {
    "contract_number": "26/015432/PE1500",
    "customer_code": "PE15000123456",
    "address": "12/5 đường số 7, phường Tân Thuận, Thành phố Hồ Chí Minh",
    "identity_number": "079 185 012 345",
    "phone": "0903 000 111",
    "email": "hoa@example.vn",
    "capacity_w": 9_900,
    "phases": 1,
    "voltage_v": 220,
    "supply_point": "Cột 12, lộ 2 trạm biến áp Tân Thuận 15",
    "boundary": "Đầu ra của áptômát sau công tơ",
    "meter_place": "Hộp công tơ trên cột 12",
    "meter_serial": "2600847112",
    "meter_rating": "DT01P-RF 220 V, 10(80) A",
    "utility_address": "35 Tân Thuận Tây, Thành phố Hồ Chí Minh",
    "utility_tax_code": "0300951119-012",
    "utility_phone": "1900 1006",
    "utility_representative": "Ông Lê Văn Phước, Giám đốc",
}
"""Of the household's contract of supply."""


def frame(
    agreement: bytes = b"\xcc" * 32,
    name: str = CUSTOMER.name,
    *,
    dated_s: int = START,
    supersedes: bytes | None = None,
    predecessor: bytes | None = None,
) -> Frame:
    """The frame of a document between a customer of that name and the utility."""
    code, parties = lookup_code(CUSTOMER_KEY, agreement), (Named(CUSTOMER.id, name), UTILITY)
    return Frame(agreement, code, parties, START, dated_s, supersedes, "Asia/Ho_Chi_Minh", predecessor)


def signed(base: bytes, terms: Mapping[str, object], agreement: bytes = b"\xcc" * 32) -> SealedContent:
    """What the seal of a document says, signed by both wallets."""
    leaves = term_leaves(CUSTOMER_KEY, agreement, canonical_values(terms))
    typed = Agreement(
        id=agreement,
        kind=kind_id(str(terms["document.kind"])),
        base_length=len(base),
        base_digest=sha256(base).digest(),
        terms_root=terms_root(leaves),
        parties=(CUSTOMER.id, UTILITY.id),
        valid_from=START,
        valid_to=START + 157_766_400,
        supersedes=bytes(32),
        deadline=START,
    )
    domain = Domain(31337, b"\x11" * 20)
    message = digest(domain, typed)
    return SealedContent(domain, typed, tuple(eoa_signer(key) for key in WALLETS), tuple(sign_eoa(key, message) for key in WALLETS), leaves)


def row_of(content: SealedContent, sealed_pdf: bytes, parties: Sequence[bytes]) -> AgreementRow:
    """The row of a sealed document, as drafting and sealing leave it, not added to a session.

    Args:
        parties: ids of who signed it, in the order of signing.
    """
    typed = content.agreement
    hands = enumerate(zip(parties, content.signers, content.signatures, strict=True))
    return AgreementRow(
        id=typed.id,
        kind=next(str(parse_canonical(leaf.value.encode())) for leaf in content.terms if leaf.path == "document.kind"),
        kind_version=1,
        family=typed.id,
        base_length=typed.base_length,
        base_digest=typed.base_digest,
        terms_root=typed.terms_root,
        valid_from=typed.valid_from,
        valid_to=typed.valid_to,
        deadline=typed.deadline,
        lookup_code=typed.id.hex(),
        sealed_digest=sha256(sealed_pdf).digest(),
        signatories=[
            Signatory(place=place, party_id=party, signer=signer, signature=signature) for place, (party, signer, signature) in hands
        ],
    )


def sealed() -> bytes:
    """The household's contract of supply, seven pages, signed by two wallets and sealed."""
    terms = kind_named(KIND).terms(frame(), facts_from(KIND, FACTS))
    base = render(KIND, terms)
    return seal(base, signed(base, terms))
