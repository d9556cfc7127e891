"""Files made to hurt: each ends in an answer, quickly and in little memory, and never in an exception."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.evidence.bundle import DOCUMENT, FILE, JSON_LIMIT, read_members
from ledger.evidence.container import SIZE_LIMIT, read_container, write_container
from ledger.evidence.findings import Answer, Report
from ledger.evidence.trust import Trust, read_record
from ledger.evidence.verify import verify_bundle
from ledger.protocol.canonical import canonical_json
from ledger.protocol.errors import ProtocolError
from tests.ledger.evidence.proven_day import Samples

NAMES = frozenset({FILE, DOCUMENT})
MEMBERS = st.dictionaries(st.sampled_from(sorted(NAMES)), st.binary(max_size=200), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def refused(data: bytes, trust: Trust | None = None) -> Report:
    report = verify_bundle(data, trust or Trust())
    assert report.answer in {Answer.ALTERED, Answer.UNRECOGNISED}
    assert report.failed is not None
    return report


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return file.getvalue()


@given(st.binary(max_size=400))
def test_noise_is_an_answer(noise: bytes) -> None:
    refused(noise)
    refused(b"PK\x03\x04" + noise)


@given(JSON)
def test_json_of_any_shape_in_a_sound_container_is_an_answer(value: object) -> None:
    refused(write_container({FILE: canonical_json(value)}))


@given(JSON, st.sampled_from(["chain_id", "claim", "contracts", "header", "kind", "proofs"]))
def test_any_member_of_the_content_may_be_of_any_shape(value: object, name: str) -> None:
    whole = {
        "chain_id": 31337,
        "claim": {},
        "contracts": {},
        "format": "sonang-bundle/1",
        "header": "0x",
        "kind": "agreement",
        "proofs": {},
    }
    refused(write_container({FILE: canonical_json({**whole, name: value}), DOCUMENT: b"%PDF-"}))


@given(MEMBERS)
def test_a_container_reads_back_as_it_was_written_and_any_zip_program_opens_it(members: dict[str, bytes]) -> None:
    data = write_container(members)
    assert read_container(data, NAMES) == members
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members
        assert archive.namelist() == sorted(members)


def test_the_same_content_zipped_by_another_program_is_not_the_one_form(samples: Samples) -> None:
    members = read_members(samples.bundles["reading"])
    refused(zipped(list(members.items())), samples.trust)
    refused(zipped(list(members.items()), zipfile.ZIP_DEFLATED), samples.trust)
    refused(zipped([(FILE, members[FILE]), ("note.txt", b"hello")]), samples.trust)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(samples: Samples) -> None:
    content = read_members(samples.bundles["reading"])[FILE]
    once = write_container({FILE: content})
    local = once[: 30 + len(FILE) + len(content)]
    assert "there twice" in str(refused(local + once).failed)
    refused(zipped([(FILE, content), (FILE, content)]))


def test_a_bomb_never_unfolds(samples: Samples) -> None:
    bomb = zipped([(FILE, bytes(50_000_000))], zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    refused(bomb)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_sizes_that_lie_are_refused(samples: Samples) -> None:
    data = samples.bundles["position"]
    for claimed in (0, 1, 2**31, 2**32 - 1):
        lie = struct.pack("<2L", claimed, claimed)
        refused(data[:18] + lie + data[26:])


def test_a_file_beyond_every_bundle_is_refused_at_once() -> None:
    started = time.process_time()
    report = refused(b"PK\x03\x04" + bytes(SIZE_LIMIT))
    assert "at most" in str(report.failed)
    assert time.process_time() - started < 1


def test_content_beyond_its_limit_nested_to_the_sky_or_given_twice_is_refused_quickly() -> None:
    started = time.process_time()
    for content in (
        b"0" * (JSON_LIMIT + 1),
        b"[" * 1_000_000,
        b"[" * 500_000 + b"]" * 500_000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"kind":"reading","kind":"trade"}',
        b'"' + b"\\u0000" * 600_000 + b'"',
        b"[" + b"0," * 2_000_000 + b"0]",
        b'{"x":1e400}',
        b"\xff\xfe",
    ):
        refused(write_container({FILE: content}))
    assert time.process_time() - started < 10


def test_long_lists_in_the_right_places_cost_little_time(samples: Samples) -> None:
    content = orjson.loads(read_members(samples.bundles["reading"])[FILE])
    crowded = []
    content["claim"]["signed"]["profile"]["import_wh"] = [0] * 300_000
    crowded.append(canonical_json(content))
    content = orjson.loads(read_members(samples.bundles["trade"])[FILE])
    content["claim"]["proof"] = ["0x" + "00" * 32] * 40_000
    crowded.append(canonical_json(content))
    content["proofs"]["Exchange"]["account"] = ["0x"] * 500_000
    crowded.append(canonical_json(content))
    started = time.process_time()
    for one in crowded:
        refused(write_container({FILE: one}), samples.trust)
    assert time.process_time() - started < 20


def test_a_checksum_that_does_not_match_names_its_member(samples: Samples) -> None:
    data = bytearray(samples.bundles["agreement"])
    at = data.index(b"%PDF-") + 9
    data[at] ^= 1
    report = refused(bytes(data), samples.trust)
    assert "agreement.pdf" in str(report.failed)


@given(st.binary(max_size=60) | JSON.map(orjson.dumps))
def test_a_record_that_is_none_is_refused_in_our_own_words(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_record(data)


@given(st.dictionaries(st.sampled_from(["address", "code_hash"]), JSON), JSON)
def test_a_record_with_wrong_members_is_refused_in_our_own_words(contract: dict[str, object], chain_id: object) -> None:
    with pytest.raises(ProtocolError):
        read_record(orjson.dumps({"chain_id": chain_id, "contracts": {"Exchange": contract}}))
