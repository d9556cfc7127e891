"""One oracle node: takes signed load profiles, and signs one root a zone, period and version, never two."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson

from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import LoadProfile, digest, hash_struct
from oracle.acceptance import Facts, check_acceptable
from oracle.batch import build_leaves, build_readings
from oracle.chain import ChainReader
from oracle.contracts import Contracts
from oracle.errors import ChainUnavailableError, OtherRootError, Reason, RefusedError, StatementError
from oracle.holdings import Holdings, Stated, profile_record, refusal_record, statement_record
from oracle.journal import Record
from oracle.keys import NodeKey
from oracle.profiles import SignedProfile, parse_profile
from oracle.quorum import SignedStatement
from oracle.vee import DAY_S, ZoneTerms, check_period, flags

Parsed = SignedProfile | RefusedError


@dataclass(frozen=True)
class Asked:
    """A request for a statement.

    Attributes:
        root: what the asker expects, or None; with another root the node says so and keeps its one signature for later.
    """

    zone: bytes
    period_start: int
    version: int
    root: bytes | None = None


class Node:
    """The verbs of a node; everything it answers is on its disk before.

    Args:
        key: what it signs with.
        contracts: the deployment it serves.
        chain: its own view of the chain.
        holdings: its own copy of the signed data.
    """

    def __init__(self, key: NodeKey, contracts: Contracts, chain: ChainReader, holdings: Holdings) -> None:
        self.signer = key.signer
        self.holdings = holdings
        self.chain = chain
        self._sign = key.sign
        self._contracts = contracts
        self._writing = asyncio.Lock()

    async def accept(self, values: Sequence[object]) -> list[Record]:
        """Judges profiles one by one, in order, and says of each whether it is accepted or why it is refused.

        Raises:
            ChainUnavailableError: nothing was judged.
            NodeError: the disk failed.
        """
        parsed = [_parsed(value) for value in values]
        facts = await self._facts([one.profile for one in parsed if isinstance(one, SignedProfile)])
        async with self._writing:
            return await asyncio.to_thread(self._judge_all, values, parsed, facts)

    async def state(self, asked: Asked) -> Stated:
        """Signs the readings of a zone's period from the profiles held, or gives the statement it signed before.

        The meters are those the chain's events name (`ChainReader.meters_in_service`); a meter without a profile counts as silent.

        Raises:
            StatementError: the period has not ended, an earlier version is not anchored, no meter is in service, or this node is no oracle.
            OtherRootError: its root differs from the one asked for or from the one anchored.
            ChainUnavailableError: nothing was signed.
            NodeError: the disk failed; nothing was given out.
        """
        known = self.holdings.stated(asked.zone, asked.period_start, asked.version)
        if known is None:
            terms = await self._terms(asked)
            meters = await self.chain.meters_in_service(asked.zone, asked.period_start, asked.period_start + DAY_S)
            anchored = (await self.chain.readings_hashes([(asked.zone, asked.period_start, asked.version)]))[0]
            async with self._writing:
                known = self.holdings.stated(asked.zone, asked.period_start, asked.version)
                if known is None:
                    known = await asyncio.to_thread(self._sign_readings, asked, terms, meters, anchored)
        _check_root(known.statement.readings.root, asked.root)
        return known

    async def profiles(self, zone: bytes, period_start: int, version: int) -> Record:
        """The profiles that count for a version of a period's readings and, once it is stated, all else its leaves are built from."""
        async with self._writing:
            found = await asyncio.to_thread(self.holdings.profiles, zone, period_start, version)
            stated = self.holdings.stated(zone, period_start, version)
        return {"profiles": [found[meter].to_json() for meter in sorted(found)], "stated": None if stated is None else stated.to_json()}

    async def statements(self, zone: bytes | None, period_start: int | None, version: int | None) -> list[Record]:
        """This node's statements, all or those of a zone, period and version."""
        async with self._writing:
            every = await asyncio.to_thread(lambda: list(self.holdings.statements()))
        wanted = (zone, period_start, version)
        places = [((one.readings.zone, one.readings.period_start, one.readings.version), one) for one in every]
        return [one.to_json() for place, one in places if all(want in (None, have) for want, have in zip(wanted, place, strict=True))]

    async def health(self) -> Record:
        """Who it is, what it holds, and whether its chain answers and counts it among the oracles."""
        try:
            head = await self.chain.head()
            is_oracle = self.signer in (await self.chain.oracles()).signers
            chain: Record = {"answers": True, "block": head.number, "time": head.timestamp, "is_oracle": is_oracle}
        except ChainUnavailableError as wrong:
            chain = {"answers": False, "problem": str(wrong)}
        held = self.holdings
        counts = {"profiles": held.profile_count, "statements": held.statement_count, "refusals": held.refusal_count}
        ready = bool(chain.get("is_oracle"))
        return {
            "status": "ready" if ready else "not-ready",
            "signer": hex0x(self.signer),
            "chain_id": self._contracts.chain_id,
            "chain": chain,
            **counts,
        }

    async def _facts(self, profiles: Sequence[LoadProfile]) -> Facts:
        now = (await self.chain.head()).timestamp
        meters = await self.chain.meters({profile.meter for profile in profiles})
        zones = await self.chain.zones({meter.zone for meter in meters.values()})
        before = sorted(
            {
                (meters[profile.meter].zone, profile.period_start, profile.version - 1)
                for profile in profiles
                if profile.version > 1 and profile.meter in meters
            }
        )
        hashes = await self.chain.readings_hashes(before)
        return Facts(now, meters, zones, frozenset(place for place, found in zip(before, hashes, strict=True) if found != bytes(32)))

    async def _terms(self, asked: Asked) -> ZoneTerms:
        terms = (await self.chain.zones([asked.zone])).get(asked.zone)
        if terms is None:
            raise StatementError("the zone is not configured", field="zone", fix="configure it on the Exchange first")
        try:
            check_period(asked.period_start, terms)
        except RefusedError as wrong:
            raise StatementError(wrong.problem, field=wrong.field, fix=wrong.fix) from None
        end, now = asked.period_start + DAY_S, (await self.chain.head()).timestamp
        if end > now:
            raise StatementError(f"the period ends at {end}, the chain's time is {now}", field="period_start", fix="wait for its end")
        before = (asked.zone, asked.period_start, asked.version - 1)
        if asked.version > 1 and (await self.chain.readings_hashes([before]))[0] == bytes(32):
            raise StatementError(f"version {asked.version - 1} is not anchored", field="version", fix="anchor it first")
        if self.signer not in (await self.chain.oracles()).signers:
            raise StatementError(f"{hex0x(self.signer)} is no oracle of the ReadingAnchor", field="key", fix="let the oracle admin add it")
        return terms

    def _judge_all(self, values: Sequence[object], parsed: Sequence[Parsed], facts: Facts) -> list[Record]:
        answers: list[Record] = []
        waiting: dict[object, Record] = {}
        for value, one in zip(values, parsed, strict=True):
            place = (one.profile.meter, one.profile.period_start) if isinstance(one, SignedProfile) else None
            if place in waiting:
                self._keep(waiting)
            answer, record, key = self._judge(value, one, facts)
            answers.append(answer)
            if record["kind"] == "profile" or self.holdings.is_new_refusal(record):
                waiting[key] = record
        self._keep(waiting)
        return answers

    def _judge(self, value: object, one: Parsed, facts: Facts) -> tuple[Record, Record, object]:
        try:
            if isinstance(one, RefusedError):
                raise one
            zone = check_acceptable(one, facts, self.holdings, self._contracts.meter_domain, self._contracts.verifiers)
        except RefusedError as refused:
            about = _about(one)
            payload = sha256(orjson.dumps(value)).hexdigest()
            evidence: Record = {"profile": value} if refused.code is Reason.CONFLICTING else {}
            answer = {
                "status": "refused",
                "code": refused.code.value,
                "problem": refused.problem,
                "field": refused.field,
                "fix": refused.fix,
            }
            return {**answer, **about}, refusal_record(refused, payload, {**about, **evidence}, facts.now), (payload, refused.code)
        odd = flags(one.profile)
        record = profile_record(zone, one, odd, facts.now)
        return {"status": "accepted", "flags": record["flags"], **_about(one)}, record, (one.profile.meter, one.profile.period_start)

    def _keep(self, waiting: dict[object, Record]) -> None:
        records = list(waiting.values())
        waiting.clear()
        if records:
            self.holdings.keep(records)

    def _sign_readings(self, asked: Asked, terms: ZoneTerms, meters: tuple[bytes, ...], anchored: bytes) -> Stated:
        place = (asked.zone, asked.period_start, asked.version)
        leaves = build_leaves(*place, terms, meters=meters, profiles=self.holdings.profiles(*place))
        readings = build_readings(*place, leaves)
        _check_root(readings.root, asked.root)
        if anchored not in (bytes(32), hash_struct(readings)):
            problem = f"other readings are anchored than this node's, whose root is {hex0x(readings.root)}"
            raise OtherRootError(problem, field="root", fix="bring it the profiles it misses")
        signature = self._sign(digest(self._contracts.anchor_domain, readings))
        stated = Stated(SignedStatement(readings, self.signer, signature), meters, terms)
        self.holdings.keep([statement_record(stated)])
        return stated


def _parsed(value: object) -> Parsed:
    try:
        return parse_profile(value)
    except RefusedError as refused:
        return refused


def _about(one: Parsed) -> Record:
    if isinstance(one, RefusedError):
        return {}
    return {"meter": hex0x(one.profile.meter), "period_start": one.profile.period_start, "version": one.profile.version}


def _check_root(own: bytes, asked: bytes | None) -> None:
    if asked is not None and asked != own:
        raise OtherRootError(f"this node's root is {hex0x(own)}, not {hex0x(asked)}", field="root", fix="bring it the profiles it misses")
