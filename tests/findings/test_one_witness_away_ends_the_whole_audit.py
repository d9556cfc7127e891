"""An auditor who named two witnesses, one of them away, got no audit at all: not even what the other one, the chain and the entries say."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from ledger.cli.audit_seen import ask_witnesses
from ledger.cli.audit_words import in_vietnamese
from ledger.transparency.audit import Copy, Verdict, audit
from tests.ledger.transparency.test_audit import FORGED, LOG, TEN, around, note

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def witness() -> Iterator[str]:
    """Somebody who answers as a witness does, by the log that is asked for: a checkpoint, none, junk, an error, another log's."""
    answers = {LOG.name: (200, note(TEN)), "no": (404, b""), "junk": (200, b"<html>"), "ill": (500, b"the disk"), "odd": (200, note(TEN))}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path.rpartition("=")[2].replace("%2F", "/")]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_remains_is_audited_and_who_was_not_asked_is_named(witness: str) -> None:
    seen, silent = ask_witnesses([AWAY, witness], LOG.name)
    assert (seen, silent) == ({witness: note(TEN)}, {AWAY: "does not answer"})
    found = audit(Copy(TEN, [note(TEN)]), around(TEN, 10, seen=seen, silent=silent))
    assert found.verdict is Verdict.UNANCHORED, "nobody takes it for a whole audit"
    (unasked,) = [one for one in found.findings if one.verdict]
    assert (unasked.detail, unasked.checked) == (f"not asked: witness {AWAY} does not answer", False)
    split = audit(Copy(FORGED, [note(FORGED)]), around(FORGED, 10, seen=seen, silent=silent))
    assert split.verdict is Verdict.SPLIT, "the other witness was heard"


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ("no", "cosigned no checkpoint of this log"),
        ("junk", "gives no checkpoint"),
        ("ill", "refuses (500)"),
        ("odd", "gives a checkpoint of another log"),
    ],
)
def test_a_witness_without_an_answer_is_no_accusation_and_is_told(witness: str, origin: str, why: str) -> None:
    assert ask_witnesses([witness], origin) == ({}, {witness: why})
    assert in_vietnamese(f"not asked: witness {witness} {why}")
