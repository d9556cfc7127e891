"""An agreement: the sealed PDF is the one the chain records, its signatures hold, and its signers stood for its parties."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.agreements.sealed import SealedContent, SealedFile, read_sealed
from ledger.evidence.claims.standings import prove_signer
from ledger.evidence.findings import Answer, BrokenRuleError, Status, Trail, UnknownError, require
from ledger.evidence.state import State, words
from ledger.protocol.quantities import hex0x
from ledger.protocol.slots import AgreementRecord, agreement_record, agreement_slots
from ledger.protocol.typed_data import Agreement, hash_struct

REGISTRY = "AgreementRegistry"
NAMES = {0: "none", 1: "recorded", 2: "superseded", 3: "terminated", 4: "revoked"}
ANSWERS = {2: Answer.SUPERSEDED, 3: Answer.TERMINATED, 4: Answer.REVOKED}


@dataclass(frozen=True)
class AgreementClaim:
    """All of it is in the PDF; nothing more is claimed."""

    def check(self, trail: Trail, state: State, document: bytes) -> Status:
        """Makes every check; what fails ends it."""
        with trail.step("document"):
            sealed = read_sealed(document)
        with trail.step("record"):
            record = _recorded(sealed, state)
        with trail.step("signatures"):
            content = sealed.content
            require(content.domain == state.contracts.domain(REGISTRY), "signed for another chain or registry", "signatures")
            on_chain = content.check_signatures(state.contracts.verifiers, asked_on_chain=True)
        if on_chain:
            named = ", ".join(f"signatures[{place}] of {hex0x(content.signers[place])}" for place in on_chain)
            trail.doubt(f"{len(content.signers) - len(on_chain)}/{len(content.signers)}; {named}: a smart account's, or none at all")
        with trail.step("signers") as remarks:
            for place, (party, signer) in enumerate(zip(content.agreement.parties, content.signers, strict=True)):
                stood_for = party if content.evidence_of(place) is None else content.agreement.parties[-1]
                remarks.extend(prove_signer(state, stood_for, signer, content.agreement.deadline))
        status = agreement_status(record, state.timestamp)
        trail.facts.update(_facts(sealed, record))
        trail.unchecked += ["meaning", *(["smart-accounts"] if on_chain else [])]
        if not content.attested:
            return status
        attested = _attested(content)
        with trail.step("attested", f"{len(attested)}/{len(content.agreement.parties)}"):
            require(content.evidence_of(-1) is None, "the last party attests itself: nobody else says that it approved", "signatures")
            spoken = "the last party attests several by one object, which can speak of one party only"
            require(len(set(attested.values())) == len(attested), spoken, "signatures", BrokenRuleError)
        trail.facts["attested"] = attested
        trail.unchecked.append("consent")
        return replace(status, remarks=(*status.remarks, "attested"))


def _attested(content: SealedContent) -> dict[str, str]:
    """Every party whose approval is the last party's word, with the digest of the evidence to ask that party for."""
    found = zip(content.agreement.parties, content.evidence, strict=True)
    return {hex0x(party): hex0x(evidence) for party, evidence in found if evidence is not None}


def _recorded(sealed: SealedFile, state: State) -> AgreementRecord:
    record = prove_agreement(state, sealed.content.agreement)
    require(record.attested == sealed.content.attested, "the chain marks other approvals as attested than the file", "record")
    require(record.sealed_digest == sealed.digest, "the chain records another file of this agreement", "record")
    return record


def prove_agreement(state: State, agreement: Agreement) -> AgreementRecord:
    """What the chain records of an agreement.

    Raises:
        UnknownError: it has none of this id.
        ProtocolError: it has another.
    """
    record = agreement_record(words(state, REGISTRY, agreement_slots(agreement.id)))
    require(record.status != 0, f"the chain has no agreement {hex0x(agreement.id)}", "record", UnknownError)
    require(record.agreement_hash == hash_struct(agreement), "the chain records another agreement under this id", "record")
    validity = (record.valid_from, record.valid_to)
    require(validity == (agreement.valid_from, agreement.valid_to), "the chain records another validity", "record")
    return record


def in_force(record: AgreementRecord, at: int) -> bool:
    """As the contract's `inForce`."""
    return record.valid_from <= at < record.valid_to and (record.status == 1 or at < record.ended_at)


def agreement_status(record: AgreementRecord, at: int) -> Status:
    """What has become of a recorded agreement at a moment, as the contract's `inForce` decides it."""
    ends = min(record.valid_to, record.ended_at) if record.status > 1 else record.valid_to
    by = hex0x(record.superseded_by) if any(record.superseded_by) else None
    ending = NAMES[record.status] if record.status > 1 and record.ended_at < record.valid_to else "expired"
    if record.status > 1 and at >= record.ended_at:
        return Status(NAMES[record.status], ANSWERS[record.status], record.ended_at, by)
    if at < record.valid_from:
        return Status("not-yet-in-force", at=record.valid_from, by=by)
    if at >= record.valid_to:
        return Status("expired", at=record.valid_to)
    return Status("in-force", at=ends, by=by, then=ending)


def _facts(sealed: SealedFile, record: AgreementRecord) -> dict[str, object]:
    content = sealed.content
    return {
        "agreement": hex0x(content.agreement.id),
        "parties": [hex0x(party) for party in content.agreement.parties],
        "valid_from": record.valid_from,
        "valid_to": record.valid_to,
        "sealed_sha256": hex0x(sealed.digest),
        "terms": {leaf.path: leaf.value for leaf in content.terms},
    }
