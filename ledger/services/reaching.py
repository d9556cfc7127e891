"""How the customer of a request is reached: by what they gave first, and by what they changed once the annex that says so is sealed."""

from __future__ import annotations

import contextlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import InputError
from ledger.parties.contacts import contacts_of, give_contacts, normalised, vouch_for
from ledger.parties.model import ContactChannel, Party
from ledger.services.acting import Turn
from ledger.services.annexes import terms_of
from ledger.signing.contacting import change_contact
from ledger.signing.model import Approval

__all__ = ["WAYS", "change_contacts", "take_contacts"]

WAYS: tuple[tuple[ContactChannel, str, str], ...] = (("sms", "phone", "customer.phone"), ("email", "email", "customer.email"))
"""Channels with the field that names an address, and the term of a contract that does."""


def take_contacts(turn: Turn, party: Party) -> None:
    """Takes the telephone and e-mail that were given as the contacts of a customer who never had any.

    What no code can be sent to, such as a fixed line, is left out; `inviting` names a customer nobody can reach.
    """
    if contacts_of(turn.session, party):
        return
    named: dict[ContactChannel, str] = {}
    for channel, name, _ in WAYS:
        with contextlib.suppress(InputError):
            if isinstance(address := turn.values.get(name), str):
                named[channel] = normalised(channel, address)
    give_contacts(turn.session, party, named, by=f"{turn.actor.who}:{turn.actor.name}"[:60], now_s=turn.at)


def change_contacts(turn: Turn) -> None:
    """Takes the telephone or e-mail that a sealed annex of this request changed, and tells the contact before.

    An annex that was signed by a code vouches for the change, since the code went to a settled contact from before; else the new one cools
    off as any other. What no code can be sent to stands in the contract only.
    """
    values = turn.values
    produced = [one for step in turn.service.steps for one in step.documents if one.when is None or one.when.holds(values)]
    changed = {path for one in produced for path in one.changes}
    for row in (one.agreement for one in turn.request.documents if not one.dropped and one.agreement.sealed_digest is not None):
        terms = terms_of(row)
        for channel, _, path in WAYS:
            address = terms.get(f"amended.{path}") if path in changed else None
            with contextlib.suppress(InputError):
                if isinstance(address, str):
                    new = change_contact(turn.session, row.owner, channel, address, by=f"request:{turn.request.number}", now_s=turn.at)
                    if not new.original and new.vouched_how is None and _signed_by_code(turn.session, row):
                        vouch_for(turn.session, new, "previous-contact", now_s=turn.at)


def _signed_by_code(session: Session, row: AgreementRow) -> bool:
    way = select(Approval.way).where(Approval.agreement_id == row.id, Approval.party_id == row.owner.id)
    return session.scalar(way) == "otp"
