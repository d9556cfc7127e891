"""Four oracle nodes as four processes on a real chain: one may die, lie or come back, and the day is still anchored."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import hash_struct
from oracle.delivery import Delivery
from oracle.keys import load_key
from oracle.profiles import SignedProfile
from oracle.vee import DAY_S

DAY = 1_456_790_400 - 7 * 3600


def anchored(village: Any, version: int = 1) -> bytes:
    found: bytes = village.world.gateway.call("ReadingAnchor", "readingsHash", village.zone, DAY, version)
    return found


def test_a_day_goes_from_signed_profiles_to_a_root_on_the_chain(four_nodes: Any) -> None:
    delivery, profiles = four_nodes.delivery(), four_nodes.profiles()
    receipts = delivery.push(profiles)
    assert [(receipt.held, receipt.problem) for receipt in receipts] == [(3, "")] * 4
    collected = delivery.collect(four_nodes.zone, DAY)
    assert collected.quorum is not None
    assert (collected.equivocations, collected.rejected, collected.unanswered) == ((), (), ())
    assert (collected.quorum.readings.count, len(collected.quorum.signers)) == (3 * 48, 2)
    four_nodes.anchor(collected.quorum)
    assert anchored(four_nodes) == hash_struct(collected.quorum.readings)
    leaves = delivery.leaves(collected.quorum.readings)
    assert merkle_root([leaf.leaf_hash() for leaf in leaves]) == collected.quorum.readings.root
    assert sum(leaf.export_wh for leaf in leaves) == sum(sum(one.profile.export_wh) for one in profiles)


def test_one_node_is_killed_half_way_and_the_day_still_completes(four_nodes: Any) -> None:
    delivery, profiles = four_nodes.delivery(), four_nodes.profiles()
    delivery.push(profiles[:2])
    assert four_nodes.nodes[1].end(signal.SIGKILL) == -signal.SIGKILL
    receipts = delivery.push(profiles[2:])
    assert [bool(receipt.problem) for receipt in receipts] == [False, True, False, False]
    collected = delivery.collect(four_nodes.zone, DAY)
    assert collected.quorum is not None
    assert [node for node, _ in collected.unanswered] == [four_nodes.nodes[1].url]
    four_nodes.anchor(collected.quorum)
    assert anchored(four_nodes) != bytes(32)


def test_a_node_that_was_dead_is_brought_what_it_missed_and_signs_the_same_root(four_nodes: Any) -> None:
    profiles, late = four_nodes.profiles(), four_nodes.nodes[2]
    four_nodes.delivery().push(profiles[:1])
    late.end(signal.SIGKILL)
    four_nodes.delivery().push(profiles[1:])
    late.start()
    assert late.ask("GET", "/health")[1]["profiles"] == 1
    collected = four_nodes.delivery().collect(four_nodes.zone, DAY)
    assert collected.quorum is not None
    assert collected.unanswered == ()
    assert late.ask("GET", "/health")[1]["profiles"] == 3
    status, answer = late.ask("GET", f"/statements?zone={hex0x(four_nodes.zone)}")
    assert (status, answer["statements"][0]["readings"]["root"]) == (200, hex0x(collected.quorum.readings.root))


def test_two_dead_nodes_are_more_than_f_but_two_signatures_are_still_a_quorum(four_nodes: Any) -> None:
    delivery = four_nodes.delivery()
    delivery.push(four_nodes.profiles())
    for node in four_nodes.nodes[:2]:
        node.end(signal.SIGKILL)
    quorum = delivery.collect(four_nodes.zone, DAY).quorum
    assert quorum is not None
    assert {len(signer) for signer in quorum.signers} == {20, 84}, "a wallet and a P-256 key"
    four_nodes.anchor(quorum)
    assert anchored(four_nodes) == hash_struct(quorum.readings)
    four_nodes.nodes[2].end(signal.SIGKILL)
    assert delivery.collect(four_nodes.zone, DAY).quorum is None


def test_a_stuck_node_is_not_waited_for(four_nodes: Any) -> None:
    stuck = four_nodes.nodes[0]
    assert stuck.process is not None
    stuck.process.send_signal(signal.SIGSTOP)
    try:
        delivery = four_nodes.delivery(grace_s=0.3)
        receipts = delivery.push(four_nodes.profiles())
        collected = delivery.collect(four_nodes.zone, DAY)
    finally:
        stuck.process.send_signal(signal.SIGCONT)
    assert "too slow" in receipts[0].problem
    assert collected.quorum is not None


def test_a_lying_oracle_is_caught_by_its_own_signatures_and_expelled(four_nodes: Any) -> None:
    """A liar runs the same key twice, each copy with a journal of its own, and shows each another day."""
    honest, twin = four_nodes.nodes[0], four_nodes.make_node("twin")
    twin.key = honest.key
    four_nodes.nodes.append(twin)
    twin.start()
    true, false = four_nodes.profiles(), four_nodes.profiles(export_wh=100)
    four_nodes.delivery(*four_nodes.nodes[:4]).push(true)
    four_nodes.delivery(twin).push(false)
    statements = [
        place.ask("POST", "/statements", {"zone": hex0x(four_nodes.zone), "period_start": DAY, "version": 1}) for place in (honest, twin)
    ]
    assert [status for status, _ in statements] == [200, 200]
    collected = four_nodes.delivery().collect(four_nodes.zone, DAY)
    (lie,) = collected.equivocations
    assert lie.oracle == load_key(honest.key, four_nodes.world.deployment.verifiers).signer
    assert collected.quorum is not None, "the others are enough"
    assert lie.oracle not in collected.quorum.signers
    pair = [(struct(one.readings), one.signature) for one in (lie.a, lie.b)]
    four_nodes.world.send("ReadingAnchor", "reportEquivocation", lie.oracle, *pair[0], *pair[1])
    assert not four_nodes.world.gateway.call("ReadingAnchor", "isOracle", lie.oracle)
    four_nodes.anchor(collected.quorum)
    status, answer = honest.ask("GET", "/health")
    assert (status, answer["chain"]["is_oracle"]) == (503, False)


def struct(readings: Any) -> tuple[Any, ...]:
    return readings.zone, readings.period_start, readings.period_end, readings.version, readings.root, readings.count


def test_a_correction_is_the_next_version_once_the_first_is_anchored(four_nodes: Any) -> None:
    delivery, correction = four_nodes.delivery(), four_nodes.profile(0, version=2, export_wh=300)
    delivery.push(four_nodes.profiles())
    first = delivery.collect(four_nodes.zone, DAY).quorum
    assert first is not None
    assert codes(delivery.push([correction])) == [["version-ahead"]] * 4
    assert delivery.collect(four_nodes.zone, DAY, 2).quorum is None
    four_nodes.anchor(first)
    assert codes(delivery.push([correction])) == [["accepted"]] * 4
    second = delivery.collect(four_nodes.zone, DAY, 2).quorum
    assert second is not None
    four_nodes.anchor(second)
    assert anchored(four_nodes, 2) == hash_struct(second.readings)
    before, after = (sum(leaf.export_wh for leaf in delivery.leaves(one.readings)) for one in (first, second))
    assert before - after == 12 * 100


def codes(receipts: Any) -> list[list[str]]:
    return [[answer.get("code", answer["status"]) for answer in receipt.answers] for receipt in receipts]


def test_meters_installed_or_retired_after_the_day_change_no_root(four_nodes: Any) -> None:
    delivery = four_nodes.delivery()
    delivery.push(four_nodes.profiles())
    asked = {"zone": hex0x(four_nodes.zone), "period_start": DAY, "version": 1}
    first = four_nodes.nodes[0].ask("POST", "/statements", asked)[1]
    four_nodes.install()
    retired = four_nodes.meters[0][0]
    four_nodes.world.send("MeterRegistry", "retire", retired, DAY + 3 * DAY_S)
    second = four_nodes.nodes[1].ask("POST", "/statements", asked)[1]
    assert first["statement"]["readings"] == second["statement"]["readings"]
    assert first["meters"] == second["meters"]
    assert hex0x(retired) in second["meters"]


def test_a_node_that_was_told_lies_is_levelled_by_what_most_hold(four_nodes: Any) -> None:
    """One node holds another salt than the rest and another is behind: what most hold is brought to the one behind."""
    first, behind, *others = four_nodes.nodes
    four_nodes.delivery(first).push(four_nodes.profiles(salt=b"\x66" * 32))
    four_nodes.delivery(*others).push(four_nodes.profiles())
    quorum = four_nodes.delivery().collect(four_nodes.zone, DAY).quorum
    assert quorum is not None
    asked = {"zone": hex0x(four_nodes.zone), "period_start": DAY, "version": 1}
    roots = [node.ask("POST", "/statements", asked)[1]["statement"]["readings"]["root"] for node in (first, behind)]
    assert roots[0] != hex0x(quorum.readings.root) == roots[1]


def test_a_wrong_address_and_a_dead_one_have_receipts_that_say_so(four_nodes: Any) -> None:
    rpc, dead = four_nodes.world.settings.rpc_url, "http://127.0.0.1:9"
    anchorage = four_nodes.delivery()._anchorage
    delivery = Delivery([rpc, dead, *(node.url for node in four_nodes.nodes[:2])], anchorage, attempts=2)

    async def inside_a_loop() -> tuple[Any, Any]:
        return await delivery.push_async(four_nodes.profiles()), await delivery.collect_async(four_nodes.zone, DAY)

    receipts, collected = asyncio.run(inside_a_loop())
    assert [receipt.held for receipt in receipts] == [0, 0, 3, 3]
    assert "address of an oracle node" in receipts[0].problem
    assert "does not answer" in receipts[1].problem
    assert [node for node, _ in collected.unanswered] == sorted([rpc, dead])
    assert collected.quorum is not None
    assert set(delivery.refusals()) == {node.url for node in four_nodes.nodes[:2]}


def test_a_silent_meter_holds_nobody_up(four_nodes: Any) -> None:
    profiles: list[SignedProfile] = four_nodes.profiles()
    delivery = four_nodes.delivery()
    delivery.push(profiles[1:])
    quorum = delivery.collect(four_nodes.zone, DAY).quorum
    assert quorum is not None
    silent = [leaf for leaf in delivery.leaves(quorum.readings) if leaf.meter == profiles[0].profile.meter]
    assert {(leaf.import_wh, leaf.export_wh, leaf.quality) for leaf in silent} == {(0, 0, 3)}
