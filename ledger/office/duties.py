"""What the back office does by the clock. Each duty is safe to repeat, takes no one else's work, and says in words what it did."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.orphans import sweep_orphans
from ledger.agreements.refused import refused
from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Gateway
from ledger.errors import NotFoundError
from ledger.life.returned import shred_returned
from ledger.messages.carriers.chosen import open_carriers
from ledger.messages.delivery import deliver_due
from ledger.messages.sealing import prepare
from ledger.note_keys import load_note_key
from ledger.office.checkpoints import publish_checkpoint
from ledger.office.erasing import finish
from ledger.office.signed_before import LastSigned, anchored, signed_before
from ledger.sealing.batch import issuer_of
from ledger.sealing.commands import request_issue
from ledger.sealing.sealer import open_sealer
from ledger.sealing.working import work
from ledger.services.commands import follow_due
from ledger.services.expiring import withdraw_unanswered
from ledger.services.following import fallen_through, handed_over
from ledger.services.inviting import invite_due
from ledger.services.reminders import remind_due
from ledger.services.signatures import held_back
from ledger.services.telling import PATIENCE_DAYS, tell_due
from ledger.settings import Settings
from ledger.signing.commands import expire_due
from ledger.signing.countersigning import countersign_due
from ledger.signing.desk import SigningDesk, open_desk
from ledger.signing.reminding import remind_signers
from ledger.signing.winding_up import call_off_due, wind_up_due
from ledger.transparency.before import refuse_older_log
from ledger.transparency.queries import origin_of

MESSAGES, SIGNATURES, SEALS, REQUESTS, ENDINGS, REMINDERS, ORPHANS = 1.0, 2.0, 2.0, 5.0, 60.0, 600.0, 3_600.0
"""Seconds between two looks of each duty; checkpoints have a setting of their own."""
AT_ONCE = 200


@dataclass(frozen=True)
class Duty:
    """One thing done again and again.

    Attributes:
        name: as it is logged.
        every_s: seconds from the end of one time to the next.
        work: does what is due and returns what it did, by name; empty when there was nothing.
        aside: whether it waits on somebody else's server, and so must not hold up the others.
    """

    name: str
    every_s: float
    work: Callable[[], dict[str, object]]
    aside: bool = False


@dataclass(frozen=True)
class Plan:
    """What this office is asked to do.

    Attributes:
        witnesses: addresses of the witnesses asked about every checkpoint.
        checkpoint_every_s: seconds between checkpoints; 0 leaves them to somebody else.
        seals: whether it issues documents; False where the sealing key is on another machine (`sonang seal --watch` there).
    """

    witnesses: Sequence[str] = ()
    checkpoint_every_s: float = 3_600.0
    seals: bool = True


@contextlib.contextmanager
def duties(
    settings: Settings, sessions: sessionmaker[Session], gateway: Gateway, plan: Plan, stop: threading.Event
) -> Iterator[list[Duty]]:
    """The duties of an office, with everything they need open.

    Raises:
        SettingsError, KeyFileError: a key, a certificate or a carrier is set wrongly or not at all.
        RuleError: the log here is older than what is known of it elsewhere; nothing of an older database may be gone on with.
    """
    with sessions() as session:
        refuse_older_log(session, anchored(gateway))
    with contextlib.ExitStack() as opened:
        carriers = opened.enter_context(open_carriers(settings))
        with sessions.begin() as session:
            opener = prepare(session, settings)

        def messages() -> dict[str, object]:
            done = deliver_due(sessions, carriers, opener, limit=AT_ONCE)
            return {"sent": done.sent, "put_off": done.put_off, "failed": done.failed + done.expired} if done.tried else {}

        desk = open_desk(settings, sessions, gateway)
        found = [
            Duty("messages", MESSAGES, messages, aside=True),
            _signatures(desk),
            *_by_the_day(sessions, desk, settings.request_patience_days),
            _erasures(settings, sessions),
        ]
        found.append(_orphans(sessions, DocumentStore.of(settings)))
        if plan.seals:
            found.append(_seals(settings, sessions, DocumentStore.of(settings), stop))
        if plan.checkpoint_every_s:
            found.append(_checkpoints(settings, sessions, gateway, plan))
        yield found


def _signatures(desk: SigningDesk) -> Duty:
    def signatures() -> dict[str, object]:
        done = countersign_due(desk, then=request_issue, limit=AT_ONCE, held_back=held_back())
        over = wind_up_due(desk, limit=AT_ONCE, handed_over=handed_over())
        off = call_off_due(desk, fallen_through(), limit=AT_ONCE)
        kept = [str(why) for one in (done, over, off) for why in one.refused.values()]
        told = {"sealed": len(done.done), "wound_up": len(over.done), "called_off": len(off.done), "refused": kept}
        return {name: value for name, value in told.items() if value}

    return Duty("signatures", SIGNATURES, signatures)


def _by_the_day(sessions: sessionmaker[Session], desk: SigningDesk, patience_days: int = PATIENCE_DAYS) -> list[Duty]:
    said: set[int] = set()

    def endings() -> dict[str, object]:
        with sessions.begin() as session:
            ended = len(expire_due(session))
            found = refused(session)
        fresh = [one.line for one in found if one.intent.id not in said]
        said.clear()
        said.update(one.intent.id for one in found)
        return {name: value for name, value in {"expired": ended, "chain_refused": fresh}.items() if value}

    def reminders() -> dict[str, object]:
        with sessions.begin() as session:
            done = remind_due(session, desk.clock())
            given_up = withdraw_unanswered(session, at=desk.clock(), days=patience_days)
        told = {"queued": len(done.queued), "nowhere": list(done.nowhere), "withdrawn": len(given_up)}
        return {name: value for name, value in told.items() if value}

    def news() -> dict[str, object]:
        with sessions.begin() as session:
            told = tell_due(session, public_url=desk.terms.public_url, now=desk.clock(), patience_days=patience_days)
        return {"told": len(told)} if told else {}

    def unsigned() -> dict[str, object]:
        with sessions.begin() as session:
            done = remind_signers(session, desk)
        return {"queued": len(done.queued), "nowhere": len(done.nowhere)} if done.queued else {}

    return [
        Duty("endings", ENDINGS, endings),
        _requests(sessions, desk),
        Duty("news", REQUESTS, news),
        Duty("reminders", REMINDERS, reminders),
        Duty("unsigned", REMINDERS, unsigned),
    ]


def _requests(sessions: sessionmaker[Session], desk: SigningDesk) -> Duty:
    said: set[str] = set()

    def requests() -> dict[str, object]:
        with sessions.begin() as session:
            done, asked = follow_due(session, desk.clock()), invite_due(session, desk)
        nobody = {f"{code}: {why}" for code, why in asked.unreached}
        fresh = sorted(nobody - said)
        said.clear()
        said.update(nobody)
        refused = [f"{code}: {why}" for code, why in done.refused]
        told = {"moved": len(done.moved), "invited": len(asked.sent), "refused": refused, "unreached": fresh}
        return {name: value for name, value in told.items() if value}

    return Duty("requests", REQUESTS, requests)


def _erasures(settings: Settings, sessions: sessionmaker[Session]) -> Duty:
    """Destroys the files of what was erased, should whoever erased it have been cut short, and forgets who could not be forgotten then."""

    def erasures() -> dict[str, object]:
        with sessions.begin() as session:
            done = finish(session, settings)
        return {name: count for name, count in asdict(done).items() if count}

    return Duty("erasures", ENDINGS, erasures)


def _orphans(sessions: sessionmaker[Session], store: DocumentStore) -> Duty:
    """Sets aside documents whose row a crash took, and destroys again what a backup brought back; `sonang office` says which."""

    def orphans() -> dict[str, object]:
        with sessions() as session:
            again = shred_returned(session, store)
            told = sweep_orphans(session, store, int(time.time())).words()
        return {**told, "erased_again": again} if again else told

    return Duty("orphans", ORPHANS, orphans)


def _seals(settings: Settings, sessions: sessionmaker[Session], store: DocumentStore, stop: threading.Event) -> Duty:
    sealer = issuer_of(open_sealer(settings), settings.seal_at_once)

    def seals() -> dict[str, object]:
        done = work(sessions, store, sealer, stop, watch=False)
        told = {"issued": done.issued, "refused": list(done.refused.values()), "unavailable": done.unavailable}
        return {name: value for name, value in told.items() if value}

    return Duty("seals", SEALS, seals, aside=True)


def _checkpoints(settings: Settings, sessions: sessionmaker[Session], gateway: Gateway, plan: Plan) -> Duty:
    key = settings.state_dir / "log.key"
    signer, last = load_note_key(key, origin_of(gateway.deployment), making="sonang checkpoint --new-key"), LastSigned(key)
    with sessions() as session:
        refuse_older_log(session, signed_before(gateway, signer.key(), last, plan.witnesses))
    said: list[int] = []

    def checkpoints() -> dict[str, object]:
        try:
            done = publish_checkpoint(sessions, gateway, signer, last, plan.witnesses)
        except NotFoundError:
            return {}
        fresh = done.size not in said or bool(done.trouble)
        said[:] = [done.size]
        told = {"size": done.size, "cosigned": len(done.cosigned), "trouble": list(done.trouble)}
        return {**told, "queued": done.queued, "anchored": done.anchored} if fresh else {}

    return Duty("checkpoints", plan.checkpoint_every_s, checkpoints, aside=True)
