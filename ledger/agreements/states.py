"""What has become of an agreement, from what the chain said about it: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from ledger.agreements.rules import reason_name
from ledger.protocol.quantities import unhex

Status = Literal["unrecorded", "recorded", "superseded", "terminated", "revoked"]
ENDINGS: Mapping[str, Status] = {
    "AgreementSuperseded": "superseded",
    "AgreementTerminated": "terminated",
    "AgreementRevoked": "revoked",
}


@dataclass(frozen=True)
class Said:
    """One event of the AgreementRegistry, its arguments by their Solidity names, and where it was seen."""

    event: str
    args: Mapping[str, object]
    block_number: int
    tx_hash: bytes


@dataclass(frozen=True)
class Standing:
    """An agreement as the chain has it.

    Attributes:
        valid_from, valid_to: the recorded validity; both 0 while unrecorded.
        ended_at: first second no longer in force for another reason than `valid_to`; None while there is none.
        superseded_by: the agreement that took its place.
        ended_by: the party that terminated it.
        reason: the public code of a revocation, or the chain's 0x… when it is no code of ours.
        recorded, ended: where the chain said so.
        attested: parties whose approval is the last party's word, with the SHA-256 of its evidence.
    """

    status: Status = "unrecorded"
    valid_from: int = 0
    valid_to: int = 0
    ended_at: int | None = None
    superseded_by: bytes | None = None
    ended_by: bytes | None = None
    reason: str | None = None
    recorded: Said | None = None
    ended: Said | None = None
    attested: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """First second no longer in force, for whatever reason."""
        return self.valid_to if self.ended_at is None else min(self.valid_to, self.ended_at)

    def in_force(self, at: int) -> bool:
        """As the contract's `inForce`: validFrom ≤ at < validTo, and not ended before."""
        return self.valid_from <= at < self.end


def standing(events: Sequence[Said]) -> Standing:
    """What the events of one agreement, in the order of the chain, amount to."""
    found = Standing()
    for said in events:
        if said.event == "AgreementRecorded":
            start, end = cast(int, said.args["validFrom"]), cast(int, said.args["validTo"])
            found = Standing(status="recorded", valid_from=start, valid_to=end, recorded=said)
        elif said.event == "ApprovalAttested":
            party, evidence = (unhex(said.args[name], name, 32) for name in ("party", "evidence"))
            found = replace(found, attested={**found.attested, party: evidence})
        elif said.event in ENDINGS:
            found = _ended(found, said)
    return found


def version_at(records: Mapping[bytes, Standing], any_id: bytes, time: int) -> bytes | None:
    """The version in force at a moment, Unix seconds, among the agreements that superseded each other; None when none is.

    As the contract's `versionAt`: the version that had begun last is in force or none is, since each ended what came before it.

    Args:
        records: standings by id, of the whole family at least.
        any_id: any version of the family.
    """
    earlier = {found.superseded_by: one for one, found in records.items() if found.superseded_by is not None}
    one: bytes | None = any_id
    while one in earlier:
        one = earlier[one]
    begun = None
    while one is not None and one in records and records[one].status != "unrecorded" and records[one].valid_from <= time:
        begun, one = one, records[one].superseded_by
    return begun if begun is not None and records[begun].in_force(time) else None


def _ended(before: Standing, said: Said) -> Standing:
    by, party, reason = (said.args.get(name) for name in ("by", "party", "reason"))
    return replace(
        before,
        status=ENDINGS[said.event],
        ended_at=cast(int, said.args["endedAt"]),
        superseded_by=unhex(by, "by", 32) if by else before.superseded_by,
        ended_by=unhex(party, "party", 32) if party else None,
        reason=(reason_name(unhex(reason, "reason", 32)) or str(reason)) if reason else None,
        ended=said,
    )
