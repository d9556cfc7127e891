"""Members of staff: who they are, where, and the token they sign in with. Nothing commits."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.access.model import STAFF_ROLES, AccessSession, Staff
from ledger.access.rules import STAFF_PREFIX, new_token, token_hash
from ledger.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from ledger.parties.model import Unit

__all__ = ["add_staff", "check_role", "named", "remove_staff", "staff_list", "staff_named"]

NAME_LIMIT = 100


def add_staff(session: Session, *, name: str, role: str, unit: Unit | None, now_s: int | None = None) -> tuple[Staff, str]:
    """A new member of staff, and the token they sign in with, which is never shown again.

    Args:
        unit: whose documents and requests they see; only an admin may have none, and then sees all.

    Raises:
        InputError: the name or the role is wrong, or a unit is missing.
        ConflictError: somebody has or had that name.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise InputError("empty, too long or not printable", field="name", fix=f"give 1 to {NAME_LIMIT} characters")
    if role not in STAFF_ROLES:
        raise InputError(f"no role {role!r}", field="role", fix=f"give one of {', '.join(STAFF_ROLES)}")
    if unit is None and role != "admin":
        raise InputError("no unit", field="unit", fix="name the unit they work for; only an admin sees every unit")
    if any(named(name, one) for one in session.scalars(select(Staff.name))):
        raise ConflictError(f"{name!r} is taken", field="name", fix="choose another name: what people did stays under theirs")
    token = STAFF_PREFIX + new_token()
    now = int(time.time()) if now_s is None else now_s
    staff = Staff(name=name, role=role, unit_id=None if unit is None else unit.id, token_hash=token_hash(token), created_s=now)
    session.add(staff)
    session.flush()
    return staff, token


def remove_staff(session: Session, name: str, *, now_s: int | None = None) -> Staff:
    """Ends somebody's access at once, sessions included; the name stays beside what they did.

    Raises:
        NotFoundError: nobody of that name works here.
    """
    staff = staff_named(session, name)
    staff.removed_s = int(time.time()) if now_s is None else now_s
    session.execute(delete(AccessSession).where(AccessSession.staff_id == staff.id))
    session.flush()
    return staff


def staff_list(session: Session) -> Sequence[Staff]:
    """Everybody who works here now, by name."""
    return session.scalars(select(Staff).where(Staff.removed_s.is_(None)).order_by(Staff.name)).all()


def staff_named(session: Session, name: str) -> Staff:
    """Who works here now under that name, however its letters were typed: `AN.NGUYEN ` is an.nguyen.

    Raises:
        NotFoundError: nobody does.
    """
    found = next((one for one in staff_list(session) if named(name, one.name)), None)
    if found is None:
        raise NotFoundError(f"nobody is called {name!r}", field="name", fix="take a name from `sonang staff list`")
    return found


def named(typed: str, name: str) -> bool:
    """Whether both are one name, blanks around it and capitals aside."""
    return _folded(typed) == _folded(name)


def check_role(staff: Staff, *roles: str) -> Staff:
    """The member of staff, when they have one of these roles; an admin has all.

    Raises:
        ForbiddenError: another role.
    """
    if staff.role not in ("admin", *roles):
        raise ForbiddenError(f"{staff.role} may not do this", field="role", fix=f"ask one of: {', '.join(('admin', *roles))}")
    return staff


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())
