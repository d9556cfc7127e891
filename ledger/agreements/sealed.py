"""A sealed agreement: the PDF its parties approved, then their signatures and the salted terms in an appended `signatures.json`.

Pure: no database, no chain, no clock, so that an auditor's verifier can use it. `read_sealed` accepts exactly the bytes `seal` writes for
the same content, now or before it dated what it embeds, so nothing can hide between the two, and every malformed file ends in a
`ProtocolError` that names the part at fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256

from ledger.agreements.incremental import attach, split
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.errors import ProtocolError
from ledger.protocol.leaves import TermLeaf
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import check_text, check_uint, hex0x, unhex
from ledger.protocol.signers import Verifiers, verify
from ledger.protocol.typed_data import Agreement, AttestedApproval, Domain, digest, hash_struct

FILE_NAME = "signatures.json"
FORMAT = "sonang-seal/1"
_KEYS = frozenset({"agreement", "chain_id", "contract", "format", "signatures", "terms"})
_AGREEMENT_KEYS = frozenset(field.name for field in fields(Agreement))
ADDRESS_BYTES = 20
"""A signer of so many bytes is a wallet or a smart account: only the chain can tell which."""
_AGAIN = "obtain the file again from where it was issued"


@dataclass(frozen=True)
class SealedContent:
    """What the signatures of a sealed agreement say.

    Attributes:
        domain: chain and AgreementRegistry the signatures are made for.
        agreement: the struct its parties signed.
        signers, signatures: one each a party, in the order of `agreement.parties`.
        terms: every field of the document, in the order of their paths.
        evidence: one each a party: None where it signed itself; else SHA-256 of what shows its approval, and signer and signature are the
            last party's over `AttestedApproval`. Empty when every party signed itself.
    """

    domain: Domain
    agreement: Agreement
    signers: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    terms: tuple[TermLeaf, ...]
    evidence: tuple[bytes | None, ...] = ()

    def digest(self) -> bytes:
        """The EIP-712 digest every party signed that signed itself."""
        return digest(self.domain, self.agreement)

    def evidence_of(self, place: int) -> bytes | None:
        """What shows the approval of the party at that place when the last party attests it; None when it signed itself."""
        return self.evidence[place] if self.evidence else None

    @property
    def attested(self) -> int:
        """Bit i set: the approval of the i-th party is the last party's word; as the chain keeps it."""
        return sum(1 << place for place, evidence in enumerate(self.evidence) if evidence is not None)

    def digest_at(self, place: int) -> bytes:
        """The EIP-712 digest that the signature at a place is over: the agreement, or the last party's word that its party approved."""
        evidence = self.evidence_of(place)
        if evidence is None:
            return self.digest()
        return digest(self.domain, AttestedApproval(hash_struct(self.agreement), self.agreement.parties[place], evidence))

    def check_signatures(self, verifiers: Verifiers, *, asked_on_chain: bool = False) -> tuple[int, ...]:
        """Passes when every signer signed this agreement, or attested that a party approved it. Whom it stood for, only the chain can say.

        Args:
            asked_on_chain: whether a chain that is trusted recorded this very file, so that it has asked every smart account (ERC-1271)
                itself; only then may a signature of an address be of another form than a wallet's.

        Returns:
            Places of the signatures that are no wallet's though their signer is an address: a smart account's, which only its chain can
            tell, or none at all.

        Raises:
            ProtocolError: names the first signature that does not hold.
        """
        on_chain = []
        for place, (signer, signature) in enumerate(zip(self.signers, self.signatures, strict=True)):
            try:
                verify(signer, self.digest_at(place), signature, verifiers)
            except ProtocolError as wrong:
                if not asked_on_chain or len(signer) != ADDRESS_BYTES:
                    raise ProtocolError(wrong.problem, field=f"signatures[{place}]", fix=wrong.fix or _AGAIN) from None
                on_chain.append(place)
        return tuple(on_chain)


@dataclass(frozen=True)
class SealedFile:
    """A sealed PDF taken apart.

    Attributes:
        base: the document as its parties approved it, a prefix of the file.
        digest: SHA-256 of the whole file, which the AgreementRegistry holds.
    """

    content: SealedContent
    base: bytes
    digest: bytes


def seal(base: bytes, content: SealedContent, *, dated: bool = True) -> bytes:
    """The sealed PDF.

    Args:
        dated: False as it was written before the embedded file bore a date.

    Raises:
        ProtocolError: the content does not belong to this base, or the base is no document of ours.
    """
    _check_base(base, content)
    return attach(base, FILE_NAME, canonical_json(_to_json(content)), dated=dated)


def read_sealed(pdf: bytes) -> SealedFile:
    """Takes a sealed PDF apart and checks that it is whole: base, terms and seal belong together. Signatures: `check_signatures`.

    Raises:
        ProtocolError: `field` is `pdf`, `base`, `terms`, `seal`, `json` or the path of a malformed entry of `signatures.json`.
    """
    base, attached = split(pdf)
    content = _from_json(parse_canonical(attached))
    if pdf not in (seal(base, content, dated=dated) for dated in (True, False)):
        raise ProtocolError("bytes were changed after the document", field="seal", fix=_AGAIN)
    return SealedFile(content, base, sha256(pdf).digest())


def content_of(pdf: bytes) -> SealedContent:
    """What the signatures of a sealed PDF say, for who knows already that it is the file that was recorded; `read_sealed` needs no word.

    Raises:
        ProtocolError: there is no such content in it.
    """
    return _from_json(parse_canonical(split(pdf)[1]))


def _check_base(base: bytes, content: SealedContent) -> None:
    agreement = content.agreement
    if len(base) != agreement.base_length or sha256(base).digest() != agreement.base_digest:
        raise ProtocolError("not the document that was signed: its bytes were changed", field="base", fix=_AGAIN)
    paths = [leaf.path for leaf in content.terms]
    if paths != sorted(set(paths)):
        raise ProtocolError("terms are not in the order of their paths, each once", field="terms", fix=_AGAIN)
    if merkle_root([leaf.leaf_hash() for leaf in content.terms]) != agreement.terms_root:
        raise ProtocolError("not the terms that were signed", field="terms", fix=_AGAIN)


def _to_json(content: SealedContent) -> dict[str, object]:
    agreement: dict[str, object] = {}
    for field in fields(content.agreement):
        value = getattr(content.agreement, field.name)
        agreement[field.name] = (
            [hex0x(one) for one in value] if isinstance(value, tuple) else hex0x(value) if isinstance(value, bytes) else value
        )
    return {
        "agreement": agreement,
        "chain_id": content.domain.chain_id,
        "contract": hex0x(content.domain.verifying_contract),
        "format": FORMAT,
        "signatures": [_signed(content, place) for place in range(len(content.signers))],
        "terms": [{"path": leaf.path, "salt": hex0x(leaf.salt), "value": leaf.value} for leaf in content.terms],
    }


def _signed(content: SealedContent, place: int) -> dict[str, object]:
    signed: dict[str, object] = {"signature": hex0x(content.signatures[place]), "signer": hex0x(content.signers[place])}
    evidence = content.evidence_of(place)
    return signed if evidence is None else {**signed, "evidence": hex0x(evidence)}


def _from_json(value: object) -> SealedContent:
    top = _object(value, FILE_NAME, _KEYS)
    if top["format"] != FORMAT:
        raise ProtocolError("another format", field="format", fix=f"this program reads {FORMAT}")
    agreement = _agreement(_object(top["agreement"], "agreement", _AGREEMENT_KEYS))
    signatures = [_signature(one, f"signatures[{at}]") for at, one in enumerate(_list(top["signatures"], "signatures"))]
    evidence = tuple(_evidence(one, f"signatures[{at}].evidence") for at, one in enumerate(signatures))
    terms = [_object(one, f"terms[{at}]", {"path", "salt", "value"}) for at, one in enumerate(_list(top["terms"], "terms"))]
    if len(signatures) != len(agreement.parties):
        raise ProtocolError(f"{len(signatures)} signatures of {len(agreement.parties)} parties", field="signatures", fix=_AGAIN)
    return SealedContent(
        domain=Domain(check_uint(top["chain_id"], 64, "chain_id"), unhex(_text(top["contract"], "contract"), "contract", 20)),
        agreement=agreement,
        signers=tuple(_bytes(one["signer"], f"signatures[{at}].signer") for at, one in enumerate(signatures)),
        signatures=tuple(_bytes(one["signature"], f"signatures[{at}].signature") for at, one in enumerate(signatures)),
        terms=tuple(_term(agreement.id, one, f"terms[{at}]") for at, one in enumerate(terms)),
        evidence=evidence if any(evidence) else (),
    )


def _signature(value: object, field: str) -> Mapping[str, object]:
    attested = isinstance(value, dict) and "evidence" in value
    return _object(value, field, {"signature", "signer", "evidence"} if attested else {"signature", "signer"})


def _evidence(value: Mapping[str, object], field: str) -> bytes | None:
    if "evidence" not in value:
        return None
    evidence = _bytes(value["evidence"], field, 32)
    if not any(evidence):
        raise ProtocolError("32 zero bytes", field=field, fix=_AGAIN)
    return evidence


def _agreement(value: Mapping[str, object]) -> Agreement:
    parties = _list(value["parties"], "agreement.parties")
    return Agreement(
        id=_bytes(value["id"], "agreement.id", 32),
        kind=_bytes(value["kind"], "agreement.kind", 32),
        base_length=check_uint(value["base_length"], 64, "agreement.base_length"),
        base_digest=_bytes(value["base_digest"], "agreement.base_digest", 32),
        terms_root=_bytes(value["terms_root"], "agreement.terms_root", 32),
        parties=tuple(_bytes(one, f"agreement.parties[{at}]", 32) for at, one in enumerate(parties)),
        valid_from=check_uint(value["valid_from"], 64, "agreement.valid_from"),
        valid_to=check_uint(value["valid_to"], 64, "agreement.valid_to"),
        supersedes=_bytes(value["supersedes"], "agreement.supersedes", 32),
        deadline=check_uint(value["deadline"], 64, "agreement.deadline"),
    )


def _term(agreement: bytes, value: Mapping[str, object], field: str) -> TermLeaf:
    text = _text(value["value"], f"{field}.value")
    parse_canonical(check_text(text, f"{field}.value"))
    return TermLeaf(agreement, _text(value["path"], f"{field}.path"), text, _bytes(value["salt"], f"{field}.salt", 32))


def _object(value: object, field: str, keys: frozenset[str] | set[str]) -> Mapping[str, object]:
    if not isinstance(value, dict) or set(value) != keys:
        raise ProtocolError(f"must have exactly {', '.join(sorted(keys))}", field=field, fix=_AGAIN)
    return value


def _list(value: object, field: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise ProtocolError("must be a list", field=field, fix=_AGAIN)
    return value


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise ProtocolError("must be text", field=field, fix=_AGAIN)
    return value


def _bytes(value: object, field: str, length: int | None = None) -> bytes:
    return unhex(_text(value, field), field, length)
