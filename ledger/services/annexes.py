"""The annex that a request makes to a contract: what changes, what earlier annexes changed, which version it takes the place of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from ledger.agreements.kinds.amendable import AMENDABLE, UNTIL
from ledger.agreements.kinds.amendment_annex import NAME, carried_from, changes_to, consolidated
from ledger.agreements.model import AgreementRow
from ledger.agreements.refused import record_refused
from ledger.errors import RuleError
from ledger.services.catalogue import Field, Produced
from ledger.services.reading import office_calendar

__all__ = ["ANNEX_FACTS", "annex_facts", "contract_known", "newest_version", "place_known", "point_of", "terms_of", "versions_of"]

ANNEX_FACTS = ("annex_number", "changes", "carried", "until", "contract_number", "contract_date")
"""Facts nobody has to give: they follow from the contract and what was asked for."""

PLACE: Final[Mapping[str, str]] = {
    "boundary": "supply.boundary",
    "customer_code": "customer.code",
    "meter_place": "supply.meter_place",
    "metering": "supply.metering",
    "multiplier": "meter.multiplier",
    "supply_address": "supply.address",
    "supply_point": "supply.point",
    "voltage_v": "supply.voltage_v",
}
"""Facts of a supply that belong to the place and not to its holder, each with the term of the contract so far that says it."""
_DAY = datetime.timedelta(days=1)


def versions_of(session: Session, contract: AgreementRow) -> list[AgreementRow]:
    """The versions of a contract that both sides signed and the chain did not refuse, in order: as first made, then what took its place."""
    family = select(AgreementRow).where(AgreementRow.family == contract.family, AgreementRow.sealed_digest.is_not(None))
    rows = {row.id: row for row in session.scalars(family.where(AgreementRow.id.not_in(record_refused())))}
    first = contract
    while first.supersedes in rows:
        first = rows[first.supersedes]
    after = {row.supersedes: row for row in rows.values() if row.supersedes is not None}
    versions = [first]
    while versions[-1].id in after:
        versions.append(after[versions[-1].id])
    return versions


def contract_known(contract: AgreementRow | None) -> dict[str, object]:
    """A contract's number and date as its own terms have them; nothing of no contract."""
    terms = {} if contract is None else terms_of(contract)
    number = next((value for path, value in terms.items() if path.endswith("contract.number")), None)
    return {"contract_number": number, "contract_date": terms.get("document.date")}


def place_known(contract: AgreementRow | None) -> dict[str, object]:
    """What a contract, as its newest annex has it, says of the place it supplies; nothing of no contract."""
    if contract is None:
        return {}
    session = object_session(contract)
    versions = versions_of(session, contract) if session is not None else [contract]
    told = [terms_of(row) for row in versions]
    stands = {**told[0], **consolidated(told)}
    return {name: stands[path] for name, path in PLACE.items() if path in stands}


def annex_facts(
    session: Session, contract: AgreementRow, produced: Produced, values: Mapping[str, object], fields: Iterable[Field]
) -> dict[str, object]:
    """What an annex to a contract says, from the values of a request; nothing for another kind of document.

    Args:
        fields: of the service: a word chosen among several stands in a contract by its names.

    Raises:
        RuleError: nothing changes, or the contract has no such term.
    """
    if produced.kind != NAME:
        return {}
    versions = versions_of(session, contract)
    told = [terms_of(row) for row in versions]
    current = consolidated(told)
    known = {field.name: field for field in fields}
    wanted = {path: _as_term(path, values[name], known[name]) for path, name in produced.changes.items() if name in values}
    changes = changes_to(current, wanted)
    if not changes:
        raise RuleError("the contract says so already", field="contract", fix="reject the request, or correct what was given")
    carried = carried_from(told[-1], changes) if len(versions) > 1 else ()
    until = next((int(one.new) for one in changes if one.path == UNTIL), versions[-1].valid_to)
    return {
        **contract_known(versions[0]),
        "annex_number": sum(row.kind == NAME for row in versions) + 1,
        "changes": [{"path": one.path, "old": one.old, "new": one.new} for one in changes],
        "carried": [{"path": one.path, "value": one.value} for one in carried],
        "until": until,
    }


def terms_of(row: AgreementRow) -> dict[str, object]:
    """Every term of a document by its path."""
    return {term.path: orjson.loads(term.value) for term in row.terms}


def point_of(session: Session, contract: AgreementRow) -> str | None:
    """The metering point a supply contract names, whichever of its versions is at hand."""
    point = terms_of(versions_of(session, contract)[0]).get("meter.point")
    return point if isinstance(point, str) else None


def newest_version(session: Session, contract: AgreementRow) -> AgreementRow:
    """The version of a contract that the next one takes the place of."""
    return versions_of(session, contract)[-1]


def _as_term(path: str, value: object, field: Field) -> int | str:
    """A value as the term has it: the last day of a contract becomes the first second after it, a word among several its names."""
    if path == UNTIL:
        day = datetime.date.fromisoformat(str(value)) + _DAY
        return office_calendar().moment(day, 0)
    if field.choices and AMENDABLE[path].form == "text":
        return " / ".join(field.choices[str(value)])
    return value if isinstance(value, int) else str(value)
