"""Emptying rows: what remains of an erased document or party are pseudonyms, digests, times and states.

Rooms above this one (services, campaigns) have a function of their own for what they keep; who erases hands it in (`commands.erase`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ledger.access.commands import forget_access
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import ERASED_CODE, AgreementRow, AgreementTerm, Signatory
from ledger.life.forgetting_signing import forget_signing_of_document, forget_signing_of_party
from ledger.life.rules import lookup_digest
from ledger.messages.commands import forget_addresses, forget_recipient
from ledger.metering.model import ImportedHome, ImportedInterval, MeterRow, Profile
from ledger.parties.contacts import contacts_of, forget_contacts
from ledger.parties.model import Party
from ledger.sealing.model import IssueJob

ForgetParty = Callable[[Session, Party], object]
"""Empties what a room above this one keeps about a party; called while its label is still there. Raises RuleError while it is needed."""


def forget_document(session: Session, agreement: AgreementRow) -> bytes:
    """Empties a document's rows; returns the SHA-256 of the look-up code it had.

    The code goes too: with it, and the public template, anybody with this database could try names until the digest on chain comes out.
    """
    digest = lookup_digest(agreement.lookup_code)
    session.execute(delete(AgreementTerm).where(AgreementTerm.agreement_id == agreement.id))
    session.execute(update(Signatory).where(Signatory.agreement_id == agreement.id).values(signer=None, signature=None, evidence=None))
    session.execute(delete(IssueJob).where(IssueJob.agreement_id == agreement.id, IssueJob.state == "waiting"))
    session.execute(update(IssueJob).where(IssueJob.agreement_id == agreement.id).values(good_until_s=None))
    agreement.lookup_code = ERASED_CODE + agreement.id.hex()
    forget_addresses(session, agreement.id)
    forget_signing_of_document(session, agreement.id)
    session.execute(update(DraftEnding).where(DraftEnding.agreement_id == agreement.id).values(reason=None))
    session.flush()
    session.expire(agreement, ["terms", "signatories"])
    return digest


def forget_party(session: Session, party: Party) -> None:
    """Destroys a party's key, name and label, its contacts and what was sent there, its sessions, and the days of its meters.

    Its readings, fills and positions stay as rows of random ids: others' totals and proofs are made of them, and without the key
    nobody can show that a leaf on chain is one of them.
    """
    meters = session.execute(select(MeterRow.id, MeterRow.zone_id, MeterRow.label).where(MeterRow.party_id == party.id)).all()
    for meter, zone, label in meters:
        session.execute(delete(Profile).where(Profile.meter_id == meter))
        homes = select(ImportedHome.id).where(ImportedHome.zone_id == zone, ImportedHome.label == label)
        session.execute(delete(ImportedInterval).where(ImportedInterval.home_id.in_(homes)))
        session.execute(delete(ImportedHome).where(ImportedHome.zone_id == zone, ImportedHome.label == label))
        session.execute(update(MeterRow).where(MeterRow.id == meter).values(label=f"erased-{meter.hex()[:16]}"))
    forget_signing_of_party(session, party.id)
    forget_recipient(session, [one.address for one in contacts_of(session, party) if one.address is not None], party.id)
    forget_contacts(session, party, now_s=int(time.time()))
    forget_access(session, party.id)
    party.salt_key, party.name, party.signer = None, None, None
    party.label = f"erased-{party.id.hex()[:16]}"
    session.flush()
