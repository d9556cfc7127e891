"""The journal: what was answered for is there after any crash; what was tampered with is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.errors import NodeError
from oracle.journal import FILE, Journal, Record, open_journal

HEADER: Record = {"signer": "0x01", "chain_id": 31337}
RECORDS: list[Record] = [{"kind": "note", "number": number, "text": "đồng" * number} for number in range(6)]


def reopen(directory: Path, header: Record = HEADER) -> tuple[Journal, list[Record]]:
    found: list[Record] = []
    journal = open_journal(directory, header, lambda _, record: found.append(record))
    return journal, found


def written(directory: Path) -> Path:
    journal, _ = reopen(directory)
    journal.append(RECORDS)
    journal.close()
    return directory / FILE


def test_what_was_written_is_read_again_in_order_and_by_place(tmp_path: Path) -> None:
    journal, found = reopen(tmp_path)
    assert found == []
    places = journal.append(RECORDS[:4]) + journal.append(RECORDS[4:])
    assert [journal.read(place) for place in places] == RECORDS
    journal.close()
    journal, found = reopen(tmp_path)
    assert found == RECORDS
    assert [journal.read(place) for place in places] == RECORDS
    journal.close()


def test_a_record_longer_than_one_read_comes_back_whole(tmp_path: Path) -> None:
    journal, _ = reopen(tmp_path)
    long: Record = {"kind": "note", "text": "x" * 300_000}
    place, after = journal.append([long, RECORDS[1]])
    assert journal.read(place) == long
    assert journal.read(after) == RECORDS[1]
    journal.close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert written(tmp_path / "node").stat().st_mode & 0o077 == 0
    assert (tmp_path / "node").stat().st_mode & 0o077 == 0


def test_two_processes_cannot_share_a_journal_and_so_cannot_sign_twice(tmp_path: Path) -> None:
    journal, _ = reopen(tmp_path)
    with pytest.raises(NodeError, match="another process"):
        reopen(tmp_path)
    journal.close()
    reopen(tmp_path)[0].close()


def test_another_nodes_journal_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(NodeError, match="signer differs"):
        reopen(tmp_path, HEADER | {"signer": "0x02"})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_cut_anywhere_it_keeps_every_whole_line_and_goes_on(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    directory = tmp_path_factory.mktemp("cut")
    path = written(directory)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    survivors = max(whole[:cut].count(b"\n") - 1, 0)
    journal, found = reopen(directory)
    assert found == RECORDS[:survivors]
    journal.append([{"kind": "note", "after": True}])
    journal.close()
    journal, found = reopen(directory)
    assert found == [*RECORDS[:survivors], {"kind": "note", "after": True}]
    journal.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(st.data())
def test_one_flipped_bit_in_a_whole_line_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    directory = tmp_path_factory.mktemp("flip")
    path = written(directory)
    damaged = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(damaged) - 2))
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(damaged)
    with pytest.raises(NodeError):
        reopen(directory)


@pytest.mark.parametrize("change", ["drop", "swap", "repeat"])
def test_lines_cannot_be_taken_out_or_moved(tmp_path: Path, change: str) -> None:
    path = written(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "drop":
        del lines[3]
    elif change == "swap":
        lines[3], lines[4] = lines[4], lines[3]
    else:
        lines.insert(3, lines[3])
    path.write_bytes(b"".join(lines))
    with pytest.raises(NodeError, match="damaged"):
        reopen(tmp_path)


WRITER = """
import sys
from pathlib import Path
from oracle.journal import open_journal
journal = open_journal(Path(sys.argv[1]), {"signer": "0x01", "chain_id": 31337}, lambda *_: None)
number = 0
while True:
    journal.append([{"kind": "note", "number": number + each, "text": "x" * 5000} for each in range(7)])
    number += 7
    print(number, flush=True)
"""


def test_kill_9_in_the_middle_of_writing_loses_nothing_that_was_answered_for(tmp_path: Path) -> None:
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(5):
            answered = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        journal, found = reopen(tmp_path)
        journal.close()
        assert len(found) >= answered
        assert [record["number"] for record in found] == list(range(len(found)))
        (tmp_path / FILE).unlink()


def test_a_disk_that_is_full_stops_the_node_and_nothing_counts(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from oracle.errors import NodeError
from oracle.journal import open_journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = open_journal(Path(sys.argv[1]), {"signer": "0x01", "chain_id": 31337}, lambda *_: None)
journal.append([{"kind": "note", "number": 1}])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for attempt in range(2):
    try:
        journal.append([{"kind": "note", "text": "x" * 9000}] if attempt == 0 else [{"kind": "note"}])
    except NodeError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.count("free the disk, then start the node again") == 2
    journal, found = reopen(tmp_path)
    journal.close()
    assert found == [{"kind": "note", "number": 1}]
