"""Bringing a day's signed profiles to every oracle node and a quorum of statements back; any f nodes may be dead, stuck or lying.

A node that was away is levelled first: what one node holds and another misses is brought there, so that it need not state a root that
nobody shares. Nothing a node says is trusted: statements are checked by `quorum.collect`, and leaves are built again until their root is
the one that was signed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.protocol.errors import ProtocolError
from ledger.protocol.leaves import ReadingLeaf
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.signers import Verifiers
from ledger.protocol.typed_data import Domain, Readings
from oracle.batch import build_leaves, build_readings
from oracle.errors import NodeUnreachableError, OracleError, StatementError
from oracle.peers import Outcomes, Peers
from oracle.profiles import SignedProfile, parse_profile
from oracle.quorum import Collected, SignedStatement, collect, parse_statement
from oracle.vee import ZoneTerms

PIECE = 500
"""Profiles in one request."""

Place = tuple[bytes, int]
"""A meter and a version of its profile."""


@dataclass(frozen=True)
class Receipt:
    """What one node said to a delivery.

    Attributes:
        node: its address.
        answers: one answer a profile, in order: `status` accepted or refused, `code` when refused; empty when the node was not reached.
        problem: why it was not reached, else "".
    """

    node: str
    answers: tuple[Mapping[str, Any], ...]
    problem: str = ""

    @property
    def held(self) -> int:
        """How many of the profiles the node now holds, those it held before included."""
        return sum(answer.get("status") == "accepted" or answer.get("code") == "duplicate" for answer in self.answers)


@dataclass(frozen=True)
class Anchorage:
    """Whose statements count: what the ReadingAnchor says.

    Attributes:
        domain: its EIP-712 domain.
        oracles: the signers it accepts.
        max_faulty: f; f+1 matching statements anchor.
        verifiers: the deployment's ERC-7913 verifiers.
    """

    domain: Domain
    oracles: tuple[bytes, ...]
    max_faulty: int
    verifiers: Verifiers


class Delivery:
    """The way to a set of nodes. Every verb exists twice: plain, and `…_async` for use inside an event loop.

    Args:
        nodes: addresses such as `http://127.0.0.1:9001`.
        anchorage: whose statements count.
        timeout_s: how long one request may take.
        attempts: how often a node that refuses the connection is asked.
        grace_s: how long the slowest are waited for once n−f nodes have taken a delivery, or a quorum has formed.
    """

    def __init__(
        self, nodes: Sequence[str], anchorage: Anchorage, *, timeout_s: float = 60.0, attempts: int = 3, grace_s: float = 5.0
    ) -> None:
        self._nodes = tuple(nodes)
        self._anchorage = anchorage
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._grace_s = grace_s

    def push(self, profiles: Sequence[SignedProfile]) -> tuple[Receipt, ...]:
        """Brings profiles to every node at once; a node that cannot be reached has a receipt that says so."""
        return asyncio.run(self.push_async(profiles))

    def collect(self, zone: bytes, period_start: int, version: int = 1) -> Collected:
        """Asks every node to state the readings of a zone's period and sorts the statements; `quorum` is None when too few agree."""
        return asyncio.run(self.collect_async(zone, period_start, version))

    def leaves(self, readings: Readings) -> list[ReadingLeaf]:
        """Every reading behind a stated root, built from the profiles of whichever node has them all.

        Raises:
            StatementError: no node's profiles give that root.
        """
        return asyncio.run(self.leaves_async(readings))

    def refusals(self) -> dict[str, tuple[Mapping[str, Any], ...]]:
        """The refusals each reachable node keeps, newest first, by node."""
        return asyncio.run(self.refusals_async())

    async def push_async(self, profiles: Sequence[SignedProfile]) -> tuple[Receipt, ...]:
        """See `push`."""
        async with self._peers() as peers:
            outcomes = await peers.each(lambda node: _push(peers, node, profiles), self._enough_reached)
        return tuple(_receipt(node, outcomes[node]) for node in peers.nodes)

    async def collect_async(self, zone: bytes, period_start: int, version: int = 1) -> Collected:
        """See `collect`."""
        async with self._peers() as peers:
            alive = await self._level(peers, zone, period_start, version)
            outcomes = await peers.each(lambda node: _state(peers, node, zone, period_start, version), self._forms_quorum, alive)
        silent = {node: str(outcome) for node, outcome in outcomes.items() if isinstance(outcome, NodeUnreachableError)}
        absent = {node: f"{node}: does not answer" for node in peers.nodes if node not in outcomes}
        return replace(self._collected(outcomes), unanswered=tuple(sorted({**silent, **absent}.items())))

    async def leaves_async(self, readings: Readings) -> list[ReadingLeaf]:
        """See `leaves`."""
        async with self._peers() as peers:
            for node in peers.nodes:
                try:
                    held = await _profiles(peers, node, readings.zone, readings.period_start, readings.version)
                    leaves = _rebuilt(held, readings)
                except OracleError:
                    continue
                if leaves is not None:
                    return leaves
        problem = f"no node has the profiles behind root {hex0x(readings.root)}"
        raise StatementError(problem, field="root", fix="start the nodes that signed it, then try again")

    async def refusals_async(self) -> dict[str, tuple[Mapping[str, Any], ...]]:
        """See `refusals`."""
        async with self._peers() as peers:
            outcomes = await peers.each(lambda node: peers.ask(node, "GET", "/refusals"), self._enough_reached)
        return {node: tuple(answer["refusals"]) for node, answer in outcomes.items() if not isinstance(answer, NodeUnreachableError)}

    def _peers(self) -> Peers:
        return Peers(self._nodes, timeout_s=self._timeout_s, attempts=self._attempts, grace_s=self._grace_s)

    def _enough_reached(self, outcomes: Outcomes[Any]) -> bool:
        reached = sum(not isinstance(outcome, NodeUnreachableError) for outcome in outcomes.values())
        return reached >= len(self._anchorage.oracles) - self._anchorage.max_faulty

    def _forms_quorum(self, outcomes: Outcomes[SignedStatement]) -> bool:
        return len(outcomes) > self._anchorage.max_faulty and self._collected(outcomes).quorum is not None

    def _collected(self, outcomes: Outcomes[SignedStatement]) -> Collected:
        statements = [one for one in outcomes.values() if isinstance(one, SignedStatement)]
        to = self._anchorage
        return collect(statements, domain=to.domain, oracles=to.oracles, max_faulty=to.max_faulty, verifiers=to.verifiers)

    async def _level(self, peers: Peers, zone: bytes, period_start: int, version: int) -> list[str]:
        """Brings every reachable node the profiles that others hold and it misses; returns the reachable nodes."""
        outcomes = await peers.each(lambda node: _profiles(peers, node, zone, period_start, version), self._enough_reached)
        held = {node: _by_place(answer) for node, answer in outcomes.items() if not isinstance(answer, NodeUnreachableError)}
        missing = {node: _missing(profiles, held.values()) for node, profiles in held.items()}
        behind = [node for node, profiles in missing.items() if profiles]
        if behind:
            await peers.each(lambda node: _push(peers, node, missing[node]), lambda _: False, behind)
        return list(held)


async def _push(peers: Peers, node: str, profiles: Sequence[SignedProfile]) -> list[Mapping[str, Any]]:
    answers: list[Mapping[str, Any]] = []
    for first in range(0, len(profiles), PIECE):
        piece = profiles[first : first + PIECE]
        answer = (await peers.ask(node, "POST", "/profiles", {"profiles": [one.to_json() for one in piece]})).get("answers")
        if not isinstance(answer, list) or len(answer) != len(piece):
            raise NodeUnreachableError("answered something else", field=node, fix="is this the address of an oracle node?")
        answers.extend(answer)
    return answers


async def _state(peers: Peers, node: str, zone: bytes, period_start: int, version: int) -> SignedStatement:
    answer = await peers.ask(node, "POST", "/statements", {"zone": hex0x(zone), "period_start": period_start, "version": version})
    try:
        statement = parse_statement(answer.get("statement"))
    except StatementError as wrong:
        raise NodeUnreachableError(str(wrong), field=node) from None
    asked, given = (zone, period_start, version), statement.readings
    if asked != (given.zone, given.period_start, given.version):
        raise NodeUnreachableError("stated other readings than it was asked for", field=node)
    return statement


async def _profiles(peers: Peers, node: str, zone: bytes, period_start: int, version: int) -> dict[str, Any]:
    params = {"zone": hex0x(zone), "period_start": str(period_start), "version": str(version)}
    answer: dict[str, Any] = await peers.ask(node, "GET", "/profiles", params=params)
    try:
        return {**answer, "profiles": [parse_profile(one) for one in answer["profiles"]]}
    except (OracleError, KeyError, TypeError) as wrong:
        raise NodeUnreachableError(f"answered profiles that cannot be read: {wrong}", field=node) from None


def _by_place(answer: Mapping[str, Any]) -> dict[Place, SignedProfile]:
    return {(signed.profile.meter, signed.profile.version): signed for signed in answer["profiles"]}


def _missing(own: Mapping[Place, SignedProfile], every: Iterable[Mapping[Place, SignedProfile]]) -> list[SignedProfile]:
    """What others hold and this node does not: older versions first, and what most of them hold before what one of them made up."""
    holders = Counter(signed for profiles in every for place, signed in profiles.items() if place not in own)
    return sorted(holders, key=lambda signed: (signed.profile.version, -holders[signed], signed.profile.meter))


def _rebuilt(held: Mapping[str, Any], readings: Readings) -> list[ReadingLeaf] | None:
    stated = held.get("stated")
    if not isinstance(stated, Mapping):
        return None
    try:
        meters = [unhex(meter, "meter", 32) for meter in stated["meters"]]
        terms = ZoneTerms(int(stated["interval_s"]), int(stated["utc_offset_s"]))
        profiles = {signed.profile.meter: signed for signed in held["profiles"]}
        leaves = build_leaves(readings.zone, readings.period_start, readings.version, terms, meters=meters, profiles=profiles)
        return leaves if build_readings(readings.zone, readings.period_start, readings.version, leaves) == readings else None
    except (ProtocolError, KeyError, TypeError, ValueError):
        return None


def _receipt(node: str, outcome: Sequence[Mapping[str, Any]] | NodeUnreachableError) -> Receipt:
    return Receipt(node, (), str(outcome)) if isinstance(outcome, NodeUnreachableError) else Receipt(node, tuple(outcome))
