"""Reading families of documents: everything of one contract in order, which version is in force when, and what became of each.

What the chain decides is taken from its indexed events (`ledger.agreements.queries`); the answer to "which version is in force" is the
chain's `versionAt`, computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.queries import agreement_by_id, agreement_by_lookup_code, standings
from ledger.agreements.rules import check_lookup_code, local_date
from ledger.agreements.states import Standing, version_at
from ledger.errors import NotFoundError, RuleError
from ledger.life.model import Erasure
from ledger.life.rules import TIME_ZONE, has_term, lookup_digest

Relation = Literal["first", "version", "beside"]


@dataclass(frozen=True)
class FamilyDocument:
    """A document among its family.

    Attributes:
        relation: the first of the family, a version that supersedes another, or a document beside the versions, such as minutes.
        predecessor: the document it replaces or follows; None for the first.
        version: itself when it binds for a while; of minutes the version they followed.
        standing: what the chain says of it.
        state: `draft`, `erased`, `unrecorded` (sealed, and not seen on chain), or the chain's status.
    """

    row: AgreementRow
    relation: Relation
    predecessor: bytes | None
    version: bytes
    standing: Standing
    state: str


def family_of(session: Session, agreement: AgreementRow) -> tuple[FamilyDocument, ...]:
    """Every document of a family: each version, then what followed it, then the version that replaced it."""
    rows = rows_of_family(session, agreement.family)
    said = standings(session, [row.id for row in rows])
    erased = set(session.scalars(select(Erasure.agreement_id).where(Erasure.agreement_id.in_([row.id for row in rows]))))
    return tuple(
        FamilyDocument(row, relation, row.supersedes or row.predecessor, version, said[row.id], _state(row, said[row.id], row.id in erased))
        for row, relation, version in _in_order(rows)
    )


def rows_of_family(session: Session, family: bytes) -> Sequence[AgreementRow]:
    """The documents of a family, oldest first."""
    order = (AgreementRow.valid_from, AgreementRow.created_s, AgreementRow.id)
    options = selectinload(AgreementRow.signatories).selectinload(Signatory.party)
    return session.scalars(select(AgreementRow).where(AgreementRow.family == family).options(options).order_by(*order)).all()


def version_in_force(session: Session, any_id: bytes, at: int) -> AgreementRow | None:
    """The version in force at a moment, Unix seconds, of the chain of versions that any of its ids names; None when none is.

    It is the chain's `versionAt`: only supersessions that the chain recorded connect versions. Minutes beside a contract are no version
    of it; `FamilyDocument.version` names the one they followed.

    Raises:
        NotFoundError: no such agreement.
    """
    rows = {row.id: row for row in rows_of_family(session, agreement_by_id(session, any_id).family)}
    found = version_at(standings(session, list(rows)), any_id, at)
    return None if found is None else rows[found]


def family_parties(session: Session, family: bytes) -> Sequence[bytes]:
    """Everybody who is a party to a document of a family."""
    named = select(Signatory.party_id).join(Signatory.agreement).where(AgreementRow.family == family).distinct()
    return session.scalars(named.order_by(Signatory.party_id)).all()


def families_of_party(session: Session, party: bytes) -> Sequence[bytes]:
    """Every family a party has a document in."""
    named = select(AgreementRow.family).join(AgreementRow.signatories).where(Signatory.party_id == party).distinct()
    return session.scalars(named.order_by(AgreementRow.family)).all()


def erasures_of(session: Session, family: bytes) -> Sequence[Erasure]:
    """What was erased of a family, the first first."""
    erased = select(Erasure).join(Erasure.agreement).where(AgreementRow.family == family)
    return session.scalars(erased.order_by(Erasure.decided_s, Erasure.agreement_id)).all()


def erased_before(session: Session, family: bytes) -> Sequence[Erasure]:
    """What was erased of a family of which nothing is left; nothing while something is."""
    gone = erasures_of(session, family)
    return gone if len(gone) == len(rows_of_family(session, family)) else ()


def document_with_code(session: Session, code: str) -> AgreementRow:
    """The document with this look-up code on its pages, or that had it until it was erased.

    Raises:
        InputError, NotFoundError: as `agreement_by_lookup_code`.
    """
    try:
        return agreement_by_lookup_code(session, code)
    except NotFoundError:
        gone = session.scalars(select(Erasure).where(Erasure.lookup_digest == lookup_digest(check_lookup_code(code)))).one_or_none()
        if gone is None:
            raise
        return gone.agreement


def check_kept(session: Session, document: AgreementRow) -> AgreementRow:
    """The document, when its content is still here.

    Raises:
        RuleError: it was erased; says on which day, by the utility's calendar.
    """
    gone = session.get(Erasure, document.id)
    if gone is not None:
        problem = f"it was lawfully erased on {local_date(gone.decided_s, TIME_ZONE)}"
        raise RuleError(problem, field="agreement", fix="`sonang retention show` has the record; the log proves what it was")
    return document


def _state(row: AgreementRow, standing: Standing, erased: bool) -> str:
    if erased:
        return "erased"
    return "draft" if row.sealed_digest is None and standing.status == "unrecorded" else standing.status


def _in_order(rows: Sequence[AgreementRow]) -> Iterator[tuple[AgreementRow, Relation, bytes]]:
    """Each document before what came of it: first what stands beside it, then what replaces it. Each with its version."""
    replacing, beside = defaultdict[bytes, list[AgreementRow]](list), defaultdict[bytes, list[AgreementRow]](list)
    known = {row.id for row in rows}
    first: list[AgreementRow] = []
    for row in rows:
        if row.supersedes in known and row.supersedes is not None:
            replacing[row.supersedes].append(row)
        elif row.predecessor in known and row.predecessor is not None:
            beside[row.predecessor].append(row)
        else:
            first.append(row)
    waiting: list[tuple[AgreementRow, Relation, bytes]] = [(row, "first", row.id) for row in reversed(first)]
    while waiting:
        row, relation, version = waiting.pop()
        yield row, relation, version
        waiting += [(one, "version", one.id) for one in reversed(replacing[row.id])]
        waiting += [(one, "beside", one.id if has_term(one.kind) else version) for one in reversed(beside[row.id])]
