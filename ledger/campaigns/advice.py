"""What a person does about a member whose link did not arrive, or could not be sent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment
from ledger.messages.rules import masked
from ledger.parties.contacts import in_order
from ledger.parties.model import Contact
from ledger.signing.reaching import lost_at, usable

HOUR_S = 3_600


@dataclass(frozen=True)
class Unreached:
    """A customer without a link that is good.

    Attributes:
        label: customer code. `party_id`: the customer.
        problem: why none was sent, or None. `lost`: why the newest did not arrive, or None.
    """

    label: str
    party_id: bytes
    problem: str | None
    lost: str | None


def advice_for(
    session: Session, campaign: str, unreached: Mapping[bytes, Unreached], *, cooling_off_s: int, now_s: int
) -> Mapping[bytes, str]:
    """Why each of them is stuck and what to do, by the id of its document; nothing of one whose problem says so itself."""
    contacts: dict[bytes, list[Contact]] = {}
    of_theirs = Contact.party_id.in_({one.party_id for one in unreached.values()}), Contact.ended_s.is_(None)
    for one in in_order(session.scalars(select(Contact).where(*of_theirs))):
        contacts.setdefault(one.party_id, []).append(one)
    lost, again = lost_at(session, unreached), f"`sonang campaign retry {shlex.quote(campaign)}`"
    found = {}
    for agreement, member in unreached.items():
        fresh = [one for one in contacts.get(member.party_id, ()) if (one.channel, one.address) not in lost.get(agreement, ())]
        settled = usable(fresh, now_s=now_s, cooling_off_s=cooling_off_s)
        why = member.problem or f"the link did not arrive: {member.lost}"
        if settled:
            found[agreement] = f"{why} – then {again}: the next run sends it by {settled[0].channel} to {masked(settled[0].address)}"
        elif fresh:
            why = "no link was sent" if member.lost is None else why
            found[agreement] = f"{why} – {_wait(member, max(fresh, key=lambda one: one.since_s), cooling_off_s)}, then {again}"
        elif member.lost is not None:
            found[agreement] = f"{why} – {_correct(member, cooling_off_s)}, then {again}"
    return found


def _wait(member: Unreached, contact: Contact, cooling_off_s: int) -> str:
    until = f"{local_moment(contact.since_s + cooling_off_s, TIME_ZONE):%d/%m/%Y %H:%M}"
    vouch = f"`sonang signing vouch {shlex.quote(member.label)} {contact.id} --staff NAME`"
    return (
        f"the changed contact {contact.channel} {masked(contact.address)} cools off for {cooling_off_s // HOUR_S} h: wait until {until} "
        f"(Vietnam), or have another member of staff than {contact.given_by.removeprefix('staff:')} see an identity card and vouch: {vouch}"
    )


def _correct(member: Unreached, cooling_off_s: int) -> str:
    contact = f"`sonang signing contact {shlex.quote(member.label)} CHANNEL ADDRESS --staff NAME`"
    hours = cooling_off_s // HOUR_S
    return f"correct the contact ({contact}; it cools off for {hours} h unless somebody else vouches for it) where the address was wrong"
