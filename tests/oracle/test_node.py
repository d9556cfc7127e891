"""One node: what it refuses and keeps, that it never signs twice, and how it answers a wrong request."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import urllib3

from ledger.protocol.quantities import hex0x
from oracle.keys import load_key
from oracle.vee import DAY_S
from tests.oracle.asking import DAY, bring, codes, forged, kept, other_contract, state
from tests.oracle.simulated_meters import sign_day


def test_every_refusal_has_its_reason_and_is_kept(one_node: Any) -> None:
    stranger = one_node.profile(1).to_json() | {"meter": hex0x(b"\x99" * 32)}
    altered = one_node.profile(1).to_json()
    altered["export_wh"] = [*altered["export_wh"][:-1], 1]
    changed_day = one_node.profile(1).to_json() | {"period_start": DAY - DAY_S}
    brought = {
        "forged": [forged(one_node), other_contract(one_node), altered, changed_day],
        "unknown-meter": [stranger],
        "future-dated": [one_node.profile(1, day=DAY + DAY_S)],
        "wrong-period": [one_node.profile(1, day=DAY + 1800)],
        "above-capacity": [one_node.profile(1, export_wh=3_001)],
        "malformed": [{"meter": "0x00"}, 7, one_node.profile(1).to_json() | {"version": 0}],
        "negative": [one_node.profile(1).to_json() | {"import_wh": [-5] * 48}],
    }
    for code, profiles in brought.items():
        assert codes(bring(one_node, *profiles)) == [code] * len(profiles)
    refusals = kept(one_node)
    assert sorted(refusal["code"] for refusal in refusals) == sorted(code for code, profiles in brought.items() for _ in profiles)
    assert all(refusal["problem"] and len(refusal["payload"]) == 64 for refusal in refusals)
    assert state(one_node)[0] == 200, "what is refused enters no root, and stops none"


def test_a_profile_brought_again_is_a_duplicate_that_is_kept_once(one_node: Any) -> None:
    one = one_node.profile(0)
    assert codes(bring(one_node, one, one, one)) == ["accepted", "duplicate", "duplicate"]
    assert codes(bring(one_node, one)) == ["duplicate"]
    assert [refusal["code"] for refusal in kept(one_node)] == ["duplicate"]


def test_a_meter_that_signs_two_contents_is_refused_the_second_and_both_are_kept(one_node: Any) -> None:
    first, second = one_node.profile(0), one_node.profile(0, export_wh=500)
    assert codes(bring(one_node, first, second)) == ["accepted", "conflicting"]
    assert kept(one_node)[0]["profile"] == second.to_json(), "evidence against the meter"


def test_the_first_salt_counts(one_node: Any) -> None:
    assert codes(bring(one_node, one_node.profile(0), one_node.profile(0, salt=b"\x05" * 32))) == ["accepted", "salt-changed"]


def test_once_a_day_is_stated_a_late_profile_is_a_replay_and_the_statement_stays(one_node: Any) -> None:
    bring(one_node, one_node.profile(0), one_node.profile(1))
    before = state(one_node)
    assert before[0] == 200
    assert codes(bring(one_node, one_node.profile(2), one_node.profile(0))) == ["replayed", "duplicate"]
    assert state(one_node) == before


def test_a_spike_is_accepted_and_pointed_out(one_node: Any) -> None:
    meter, key = one_node.meters[0]
    energies = {DAY + place * 1800: (3_100 if place == 40 else 200, 0) for place in range(48)}
    domain = one_node.world.deployment.domain("MeterRegistry")
    (answer,) = bring(one_node, sign_day(meter, DAY, 1800, energies, key=key, profile_salt=bytes(32), domain=domain))
    assert answer["status"] == "accepted"
    assert answer["flags"] == [{"code": "spike", "interval": 40, "register": "import_wh"}]


def test_it_states_only_what_the_chain_allows(one_node: Any) -> None:
    bring(one_node, *one_node.profiles())
    for change, words in (
        ({"period_start": DAY + DAY_S}, "chain's time"),
        ({"period_start": DAY + 1}, "not midnight"),
        ({"version": 2}, "version 1 is not anchored"),
        ({"zone": hex0x(b"\x09" * 32)}, "zone is not configured"),
        ({"period_start": DAY, "root": hex0x(b"\x01" * 32)}, "this node's root is"),
    ):
        status, problem = state(one_node, **change)
        assert (status, problem["status"]) == (409, 409)
        assert words in problem["title"]
        assert problem["fix"]
    assert one_node.nodes[0].ask("GET", "/health")[1]["statements"] == 0, "a root it was wrongly asked for did not cost it its signature"
    root = state(one_node)[1]["statement"]["readings"]["root"]
    assert state(one_node, root=root)[0] == 200
    assert state(one_node, root=hex0x(bytes(32)))[0] == 409


def test_it_does_not_sign_against_what_is_anchored(four_nodes: Any) -> None:
    absent = four_nodes.nodes[3]
    absent.end(signal.SIGTERM)
    others = four_nodes.delivery(*four_nodes.nodes[:3])
    others.push(four_nodes.profiles())
    four_nodes.anchor(others.collect(four_nodes.zone, DAY).quorum)
    absent.start()
    asked = {"zone": hex0x(four_nodes.zone), "period_start": DAY, "version": 1}
    status, problem = absent.ask("POST", "/statements", asked)
    assert (status, problem["code"]) == (409, "other-root")
    four_nodes.delivery(absent).push(four_nodes.profiles())
    assert absent.ask("POST", "/statements", asked)[0] == 200


WRONG_REQUESTS: list[tuple[str, str, object, int]] = [
    ("POST", "/profiles", [], 422),
    ("POST", "/profiles", {"profiles": 5}, 422),
    ("POST", "/profiles", {"profiles": [], "more": 1}, 422),
    ("POST", "/profiles", {"profiles": [0] * 2_001}, 422),
    ("POST", "/statements", {"zone": "0x00", "period_start": 0, "version": 1}, 422),
    ("POST", "/statements", {"zone": "0x" + "00" * 32, "period_start": True, "version": 1}, 422),
    ("POST", "/statements", {"zone": "0x" + "00" * 32, "period_start": 0, "version": 0}, 422),
    ("GET", "/profiles", None, 422),
    ("GET", "/profiles?zone=0x" + "00" * 32 + "&period_start=-1", None, 422),
    ("GET", "/refusals?limit=many", None, 422),
    ("GET", "/statements?colour=red", None, 422),
    ("GET", "/nothing", None, 404),
    ("DELETE", "/profiles", None, 405),
]


def test_a_wrong_request_gets_a_problem_that_says_what_to_do(one_node: Any) -> None:
    for method, path, body, status in WRONG_REQUESTS:
        answered, problem = one_node.nodes[0].ask(method, path, body)
        assert answered == status == problem["status"], (method, path, problem)
        assert problem["title"]
        assert problem["fix"]


def test_a_page_in_a_browser_cannot_post_to_it(one_node: Any) -> None:
    """A form or a plain fetch from another site can only send simple content types."""
    with urllib3.PoolManager() as pool:
        url = one_node.nodes[0].url + "/profiles"
        answer = pool.request("POST", url, body=b'{"profiles": []}', headers={"Content-Type": "text/plain"})
    assert (answer.status, orjson.loads(answer.data)["field"]) == (422, "Content-Type")


def test_the_program_makes_a_key_and_starts_a_node_with_it(one_node: Any, tmp_path: Path) -> None:
    key = tmp_path / "made.key"
    sonang = str(Path(sys.executable).parent / "sonang")
    node = one_node.nodes[0]
    flags = ["--key", str(key), "--deployment", str(node.deployment)]
    for program in ([sys.executable, "-m", "oracle"], [sonang, "oracle", "--json"]):
        key.unlink(missing_ok=True)
        made = orjson.loads(subprocess.run([*program, *flags, "--new-key", "p256"], capture_output=True, check=True).stdout)
        signer = hex0x(load_key(key, one_node.world.deployment.verifiers).signer)
        assert made == {"key": str(key), "kind": "p256", "signer": signer}
    flags += ["--rpc", node.rpc]
    with subprocess.Popen([sonang, "oracle", "--json", *flags], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = orjson.loads(process.stdout.readline())
        assert (line["pid"], line["signer"]) == (process.pid, signer)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
