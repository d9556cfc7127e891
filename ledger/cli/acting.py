"""Who acts by a command: a member of staff who is named, or the operator of the installation."""

from __future__ import annotations

import contextlib
import getpass

from sqlalchemy.orm import Session

from ledger.access.model import Staff
from ledger.access.staff import check_role, staff_named
from ledger.errors import NotFoundError, SonangError
from ledger.services.acting import Actor

__all__ = ["acting", "member"]


def member(session: Session, name: str, option: str, *roles: str) -> Staff:
    """The member of staff of that name, who has one of these roles where any are given; errors name the option.

    Raises:
        NotFoundError: nobody of that name works here.
        ForbiddenError: they have another role.
    """
    try:
        found = staff_named(session, name)
        return check_role(found, *roles) if roles else found
    except SonangError as wrong:
        raise type(wrong)(wrong.problem, field=option, fix=wrong.fix) from None


def acting(session: Session, name: str | None, channel: str) -> tuple[Actor, Staff | None]:
    """Who acts on a request: who is named, in their role; else who the account is, and that is the operator, without a role, where the
    account is nobody's of the staff.

    Raises:
        NotFoundError: somebody is named who does not work here.
    """
    staff: Staff | None = None
    if name is not None:
        staff = member(session, name, "--actor")
    else:
        with contextlib.suppress(NotFoundError):
            staff = staff_named(session, getpass.getuser())
    return Actor("staff", staff.name if staff else getpass.getuser(), channel, staff.role if staff else None), staff
