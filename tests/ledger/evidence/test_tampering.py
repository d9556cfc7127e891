"""One changed byte, anywhere, in any kind of bundle: never authentic, never "consistent", and what broke is named."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from ledger.evidence.bundle import DOCUMENT, FILE, read_members
from ledger.evidence.container import write_container
from ledger.evidence.findings import Answer, Report
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.protocol.canonical import canonical_json
from tests.ledger.evidence.proven_day import KINDS, Samples

BROKEN = {Answer.ALTERED, Answer.UNRECOGNISED}
PROVEN = [kind for kind in KINDS if kind != "agreement"]


def caught(data: bytes, trust: Trust) -> Report:
    """The report, which must name what broke."""
    report = verify_bundle(data, trust)
    assert report.answer in BROKEN
    assert report.exit_code in (4, 5)
    assert report.failed is not None
    assert report.failed.detail
    return report


def flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]


def sample(length: int, count: int, seed: int) -> list[tuple[int, int]]:
    """Places and bits; every place when there are no more than `count`."""
    chance = random.Random(seed)
    places = range(length) if length <= count else sorted(chance.sample(range(length), count))
    return [(place, chance.randrange(8)) for place in places]


@pytest.mark.parametrize("kind", KINDS)
def test_every_flipped_byte_of_the_file_is_caught(samples: Samples, kind: str) -> None:
    data = samples.bundles[kind]
    for place, bit in sample(len(data), len(data), 1):
        caught(flipped(data, place, bit), samples.trust)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_byte_whose_checksum_was_mended_is_caught_by_what_it_claims(samples: Samples, kind: str) -> None:
    members = read_members(samples.bundles[kind])
    for name, content in members.items():
        for place, bit in sample(len(content), 1_500, 2):
            mended = write_container({**members, name: flipped(content, place, bit)})
            assert mended != samples.bundles[kind]
            report = caught(mended, samples.trust)
            assert report.failed is not None
            assert report.failed.code not in ("container", "nothing-spare")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_of_the_content_is_bound_and_not_only_a_sample(samples: Samples, kind: str) -> None:
    members = read_members(samples.bundles[kind])
    for place, bit in sample(len(members[FILE]), 10**6, 3):
        caught(write_container({**members, FILE: flipped(members[FILE], place, bit)}), samples.trust)


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_the_content_is_bound_even_when_its_form_is_kept(samples: Samples, kind: str) -> None:
    members = read_members(samples.bundles[kind])
    original = orjson.loads(members[FILE])
    seen = 0
    for changed in variations(original):
        if changed == original:
            continue
        caught(write_container({**members, FILE: canonical_json(changed)}), samples.trust)
        seen += 1
    assert seen > 200


def test_nothing_can_be_left_out_of_a_bundle_or_brought_from_another(samples: Samples) -> None:
    for kind in PROVEN:
        members, other = read_members(samples.bundles[kind]), read_members(samples.bundles["agreement"])
        caught(write_container({**members, DOCUMENT: other[DOCUMENT]}), samples.trust)
        mine, theirs = orjson.loads(members[FILE]), orjson.loads(other[FILE])
        for part in ("claim", "proofs", "kind"):
            caught(write_container({FILE: canonical_json({**mine, part: theirs[part]})}), samples.trust)
    caught(write_container({FILE: read_members(samples.bundles["agreement"])[FILE]}), samples.trust)


def test_a_bundle_cut_off_or_lengthened_anywhere_is_caught(samples: Samples) -> None:
    data = samples.bundles["position"]
    for length in range(len(data)):
        caught(data[:length], samples.trust)
    for tail in (b"\0", b"PK\x05\x06", data):
        caught(data + tail, samples.trust)
    caught(b"\0" + data, samples.trust)


def variations(value: Any) -> Iterator[Any]:
    """The value with one thing changed in it, for each thing in it: every text, number, list and object, keeping what form it can."""
    yield from (build(value) for build in edits(value))


def edits(value: Any) -> Iterator[Callable[[Any], Any]]:
    if isinstance(value, dict):
        for key in value:
            yield lambda whole, key=key: {name: part for name, part in whole.items() if name != key}
            yield from (_inside(key, edit) for edit in edits(value[key]))
        yield lambda whole: {**whole, "more": 1}
    elif isinstance(value, list):
        for place in range(len(value)):
            yield lambda whole, place=place: whole[:place] + whole[place + 1 :]
            yield lambda whole, place=place: [*whole[:place], whole[place], *whole[place:]]
            yield from (_inside(place, edit) for edit in edits(value[place]))
        yield lambda whole: list(reversed(whole))
    else:
        yield from (lambda _, other=other: other for other in others(value))


def _inside(key: Any, edit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def changed(whole: Any) -> Any:
        copy = deepcopy(whole)
        copy[key] = edit(copy[key])
        return copy

    return changed


def others(value: Any) -> list[Any]:
    if isinstance(value, str) and value.startswith("0x"):
        last = "1" if value[-1] == "0" else "0"
        return [value[:-1] + last, value + "00", value[:-2], value.upper().replace("0X", "0x"), None, 7]
    if isinstance(value, str):
        return [value + "1", "", "0x", 7]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value), -value - 1, True, None]
    return ["0x", 0, {}]
