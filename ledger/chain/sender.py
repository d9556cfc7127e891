"""The sender: signs what is queued, keeps the bytes, sends them, and goes on sending them until the chain has them.

Order of events, which a crash may cut anywhere: sign and store in one database transaction; send; later send the same bytes again, or with
a higher fee and the same transaction number. Numbers are given out under a database lock and never twice, so a call cannot happen twice.
What another key signed before the operator's changed is sent again as it is: only its number's use by something else sets the call free.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.fees import Fees
from ledger.chain.forecast import Call, decide, foresee
from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent, SentTransaction
from ledger.chain.rpc import NodeError
from ledger.chain.transactions import TransactionSigner
from ledger.chain.under_way import Patience, Remedy, UnderWay, remedy, under_way
from ledger.errors import UnavailableError
from ledger.protocol.quantities import hex0x

__all__ = ["Patience", "Sender", "Sent"]

log = structlog.get_logger(__name__)

WINDOW = 400
"""Transactions under way at once."""

ROUND = 200
"""Intents signed together."""

HARMLESS = ("already-known", "nonce-too-low")
"""Refusals that mean the node, or the chain, has it already."""

NONCE_LOCK = 0x50_4E_41_4E
"""PostgreSQL advisory lock under which transaction numbers are given out."""


@dataclass(frozen=True)
class Sent:
    """What one `advance` did, in intents, and how many are under way after it."""

    signed: int = 0
    refused: int = 0
    resent: int = 0
    raised: int = 0
    requeued: int = 0
    under_way: int = 0

    @property
    def moved(self) -> bool:
        """Whether anything changed."""
        return bool(self.signed or self.refused or self.raised or self.requeued)


class Sender:
    """Signs for one account, and looks after everything under way, whoever signed it.

    Args:
        gateway: the connected chain.
        key: the account's private key, 32 bytes.
        confirmations: blocks after which a transaction number taken by somebody else counts as taken.
    """

    def __init__(
        self, gateway: Gateway, sessions: sessionmaker[Session], key: bytes, confirmations: int, patience: Patience | None = None
    ) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._signer = TransactionSigner(key, gateway.deployment.chain_id)
        self._confirmations = confirmations
        self._patience = patience or Patience()
        self._tend_at = 0.0
        self._told = False

    def advance(self) -> Sent:
        """Signs and sends what is queued; looks after what has been under way for a while.

        Raises:
            UnavailableError: the chain does not answer; everything signed is stored and will be sent.
            NodeError: the node refuses to work for us at all.
        """
        with self._sessions() as session:
            flying = under_way(session)
        if not self._told:
            self._tell_of_other_keys(flying)
        fresh, refused = self._sign_queued([each for each in flying if each.error is None or self._is_ours(each)])
        self._send([(each.intent_id, each.raw) for each in fresh])
        done = Sent(len(fresh), refused, under_way=len(flying) + len(fresh))
        if flying and time.monotonic() >= self._tend_at:
            done = self._tend(flying, done)
            self._tend_at = time.monotonic() + self._patience.resend_s
        return done

    def _sign_queued(self, flying: Sequence[UnderWay]) -> tuple[list[SentTransaction], int]:
        with self._sessions.begin() as session:
            room = min(ROUND, WINDOW - len(flying))
            waiting = select(OutboxIntent).where(OutboxIntent.state == "queued").order_by(OutboxIntent.id).limit(max(room, 0))
            queue = session.scalars(waiting.with_for_update(skip_locked=True)).all()
            if not queue:
                return [], 0
            session.execute(select(func.pg_advisory_xact_lock(NONCE_LOCK)))
            ahead = [self._call(each.sender, each.contract, each.calldata) for each in flying]
            calls = [self._call(self._signer.address, each.contract, each.calldata) for each in queue]
            nonce, fees = self._next_nonce(session), self._gateway.fees()
            signed: list[SentTransaction] = []
            refused = 0
            for intent, call, seen in zip(queue, calls, foresee(self._gateway, ahead, calls), strict=True):
                if seen is None and (ahead or signed):
                    break  # it may need what is ahead of it: decided once that is mined
                forecast = seen or decide(self._gateway, call)
                if forecast.refusal is not None:
                    intent.state, intent.error = "failed", forecast.refusal.problem
                    refused += 1
                    log.warning("intent_refused", intent=intent.id, key=intent.key, error=intent.error)
                    continue
                intent.gas_limit = forecast.gas_limit
                signed.append(self._sign(intent, nonce + len(signed), fees))
            session.flush()
            session.add_all(signed)
        return signed, refused

    def _sign(self, intent: OutboxIntent, nonce: int, fees: Fees) -> SentTransaction:
        """Signs an intent with a number and a fee, and marks it *sent*; the caller commits before anything leaves."""
        signed = self._signer.sign(
            nonce=nonce,
            to=self._gateway.deployment.address(intent.contract),
            data=intent.calldata,
            gas=intent.gas_limit or 0,
            fees=fees,
        )
        intent.state, intent.sender, intent.nonce, intent.tx_hash = "sent", self._signer.address, nonce, signed.tx_hash
        return SentTransaction(
            tx_hash=signed.tx_hash,
            intent_id=intent.id,
            raw=signed.raw,
            sender=self._signer.address,
            nonce=nonce,
            max_fee_wei=fees.max_fee_wei,
            tip_wei=fees.tip_wei,
        )

    def _tend(self, flying: Sequence[UnderWay], done: Sent) -> Sent:
        """Gives everything under way what it needs: its bytes again, a higher fee, or a new number when somebody else used its own."""
        market, needs = self._gateway.fees(), []
        for account in {each.sender for each in flying}:
            counted, settled, ours = self._gateway.nonce(account), self._settled(account), account == self._signer.address
            for each in (each for each in flying if each.sender == account):
                need = remedy(each, ours=ours, counted=counted, settled=settled, market=market, patience=self._patience)
                needs += [(each, need)] if need else []
        with self._sessions.begin() as session:
            given_up = [each for each, need in needs if need.give_up and self._give_up(session, each)]
            dearer = [self._replace(session, each, need.fees) for each, need in needs if need.fees is not None]
        again = [each for each, need in needs if need == Remedy()]
        batch = [(each.intent_id, each.raw) for each in dearer] + [(each.intent_id, each.raw) for each in again]
        self._send(batch, {each.intent_id for each in flying if each.error is not None})
        return replace(done, resent=len(again), raised=len(dearer), requeued=len(given_up), under_way=done.under_way - len(given_up))

    def _replace(self, session: Session, each: UnderWay, fees: Fees) -> SentTransaction:
        intent = session.get_one(OutboxIntent, each.intent_id, with_for_update=True)
        dearer = self._sign(intent, each.nonce, fees)
        session.add(dearer)
        log.info("fee_raised", intent=each.intent_id, nonce=each.nonce, max_fee_wei=fees.max_fee_wei, tip_wei=fees.tip_wei)
        return dearer

    def _give_up(self, session: Session, each: UnderWay) -> bool:
        """Queues an intent again whose number somebody else's transaction has used for good; False when one of ours did use it."""
        same = (SentTransaction.intent_id == each.intent_id, SentTransaction.sender == each.sender, SentTransaction.nonce == each.nonce)
        hashes = session.scalars(select(SentTransaction.tx_hash).where(*same)).all()
        if any(self._gateway.rpc.ask_many([("eth_getTransactionReceipt", [hex0x(tx_hash)]) for tx_hash in hashes])):
            return False
        free = {"state": "queued", "sender": None, "nonce": None, "tx_hash": None, "error": None}
        session.execute(update(OutboxIntent).where(OutboxIntent.id == each.intent_id, OutboxIntent.state == "sent").values(free))
        log.warning("nonce_used_elsewhere", intent=each.intent_id, nonce=each.nonce, fix="let nobody else send with the operator's key")
        return True

    def _settled(self, account: bytes) -> int:
        """Transactions of an account the chain had before its newest `confirmations` blocks; 0 when the node no longer knows."""
        deep = max(self._gateway.block("latest").number - self._confirmations, 0)
        try:
            return self._gateway.nonce(account, deep)
        except NodeError:
            return 0

    def _send(self, batch: Sequence[tuple[int, bytes]], noted: Collection[int] = ()) -> None:
        """Hands stored bytes to the node, by intent; a refusal is noted on its intent, and the bytes go out again later.

        Args:
            noted: intents with a refusal noted, which is struck out when the node takes the bytes now.
        """
        try:
            answers = self._gateway.rpc.try_many([("eth_sendRawTransaction", [hex0x(raw)]) for _, raw in batch])
        except UnavailableError:
            self._tend_at = 0.0
            raise
        refused: dict[int, str] = {
            intent_id: answer.problem
            for (intent_id, _), answer in zip(batch, answers, strict=True)
            if isinstance(answer, NodeError) and answer.kind not in HARMLESS
        }
        changed = refused | {intent_id: None for intent_id, _ in batch if intent_id in noted and intent_id not in refused}
        if changed:
            with self._sessions.begin() as session:
                for intent_id, problem in changed.items():
                    session.execute(
                        update(OutboxIntent).where(OutboxIntent.id == intent_id, OutboxIntent.state == "sent").values(error=problem)
                    )
        if refused:
            log.warning("node_refused", intents=list(refused)[:10], error=next(iter(refused.values())))

    def _is_ours(self, each: UnderWay) -> bool:
        return each.sender == self._signer.address

    def _tell_of_other_keys(self, flying: Sequence[UnderWay]) -> None:
        """Says once what is under way that another key signed."""
        self._told = True
        others = [each for each in flying if not self._is_ours(each)]
        if others:
            log.warning(
                "signed_with_another_key",
                intents=[each.intent_id for each in others][:10],
                count=len(others),
                accounts=sorted({hex0x(each.sender) for each in others}),
                fix="leave that account its role and its funds until they are mined; they are sent again as they were signed",
            )

    def _call(self, sender: bytes, contract: str, calldata: bytes) -> Call:
        return Call(sender, self._gateway.deployment.address(contract), calldata)

    def _next_nonce(self, session: Session) -> int:
        """The next free number: after everything we signed and everything the chain has counted."""
        ours = session.scalar(select(func.max(OutboxIntent.nonce)).where(OutboxIntent.sender == self._signer.address))
        return max(self._gateway.nonce(self._signer.address), -1 if ours is None else ours + 1)
