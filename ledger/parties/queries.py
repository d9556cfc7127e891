"""Reading parties."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError, RuleError
from ledger.parties.model import Party, Role, Unit
from ledger.protocol.quantities import hex0x

ADD_UTILITY = 'run `sonang party add utility --role utility --name "…"`'


def party_by_label(session: Session, label: str) -> Party:
    """The party the operator calls by this label.

    Raises:
        NotFoundError: there is none.
    """
    party = session.scalars(select(Party).where(Party.label == label)).one_or_none()
    if party is None:
        raise NotFoundError(f"no party {label!r}", field="label", fix=f"{_adding(session, label)}, or correct the label")
    return party


def party_by_id(session: Session, party_id: bytes) -> Party:
    """The party with this pseudonym.

    Raises:
        NotFoundError: there is none.
    """
    party = session.get(Party, party_id)
    if party is None:
        raise NotFoundError(f"no party {hex0x(party_id)}", field="party", fix="give the 32-byte id of a party of this installation")
    return party


def parties_with_role(session: Session, role: Role) -> Sequence[Party]:
    """Every party of one role, by label."""
    return session.scalars(select(Party).where(Party.role == role).order_by(Party.label)).all()


def signing_utility(session: Session) -> Party:
    """The party that signs for the utility where none is named: the only one.

    Raises:
        NotFoundError: there is none yet.
        RuleError: there are several.
    """
    known = parties_with_role(session, "utility")
    if not known:
        raise NotFoundError("no party signs for the utility yet", field="utility", fix=ADD_UTILITY)
    if len(known) > 1:
        raise RuleError(f"{len(known)} parties sign for the utility", field="utility", fix="name one of them by its label")
    return known[0]


def _adding(session: Session, label: str) -> str:
    if parties_with_role(session, "utility"):
        return f"run `sonang party add {shlex.quote(label)} --role … --name …`"
    return ADD_UTILITY


def unit_by_code(session: Session, code: str) -> Unit:
    """The unit of the utility with this code.

    Raises:
        NotFoundError: there is none.
    """
    unit = session.scalars(select(Unit).where(Unit.code == code)).one_or_none()
    if unit is None:
        fix = f"run `sonang service unit add {code} --name …`, or correct the code"
        raise NotFoundError(f"no unit {code!r}", field="unit", fix=fix)
    return unit
