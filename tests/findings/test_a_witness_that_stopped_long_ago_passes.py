"""A trusted witness that cosigned one early checkpoint and refused all since stood with a tick, and anybody's answer passed for its own.

An operator who goes on without its witnesses hides a fork from whoever reads only what it serves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.cli.audit_seen import ask_witnesses
from ledger.cli.audit_words import in_vietnamese
from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteSigner, parse_note
from ledger.transparency.audit import Copy, Verdict, audit
from ledger.witness.http import build_app
from ledger.witness.memory import Memory
from ledger.witness.witness import Request, Witness
from tests.ledger.transparency.test_audit import FORGED, LOG, TEN, WATCHER, around, details, note, root

STRANGER = NoteSigner("stranger.example", Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))


def alone(entries: list[bytes]) -> bytes:
    """A checkpoint no witness cosigned."""
    text = Checkpoint(LOG.name, len(entries), root(entries)).text()
    return Note(text, (LOG.sign(text),)).to_bytes()


def test_entries_a_trusted_witness_never_cosigned_are_told_though_it_cosigned_earlier_ones() -> None:
    told = details(Verdict.UNANCHORED, Copy(TEN, [note(TEN[:3]), alone(TEN)]), around(TEN, 3, 10))
    assert told == "watcher.example cosigned the log up to 3 of 10 entries only: ask it why"
    assert in_vietnamese(told)
    withheld = details(Verdict.UNANCHORED, Copy(TEN, [note(TEN[:3])]), around(TEN, 3, 10))
    assert "up to 3 of 10" in withheld, "what is anchored counts, whatever is served"
    assert audit(Copy(TEN, [note(TEN[:3]), note(TEN)]), around(TEN, 3, 10)).verdict is Verdict.WHOLE


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[str]:
    """Somebody who listens where the witness was said to, and cosigns whatever the operator brings."""
    loop, memory, found = asyncio.new_event_loop(), Memory(tmp_path / "memory"), list[str]()
    witness = Witness(STRANGER, [LOG.key()], memory, lambda: 1_782_900_000)
    witness.cosign(Request(0, (), parse_note(alone(FORGED))))
    runner = web.AppRunner(build_app(witness))

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.append(f"http://127.0.0.1:{runner.addresses[0][1]}")

    loop.run_until_complete(start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield found[0]
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
    memory.close()


def test_who_answers_without_the_key_of_a_trusted_witness_was_not_it(stranger: str) -> None:
    trusted = [WATCHER.key(WITNESS)]
    seen, silent = ask_witnesses([stranger], LOG.name, trusted)
    assert silent == {stranger: "gives a checkpoint no witness you trust cosigned"}
    found = audit(Copy(FORGED, [note(FORGED)]), around(FORGED, 10, seen=seen, silent=silent))
    assert found.verdict is Verdict.UNANCHORED
    assert in_vietnamese(f"not asked: witness {stranger} {silent[stranger]}")
    assert audit(Copy(TEN, [note(TEN)]), around(TEN, 10, seen=seen, silent=silent)).verdict is Verdict.SPLIT, (
        "what it shows is held against"
    )
    assert ask_witnesses([stranger], LOG.name, [STRANGER.key(WITNESS)])[1] == {}
    assert ask_witnesses([stranger], LOG.name)[1] == {}, "who names no key cannot tell"


def test_what_the_log_did_not_sign_is_said_to_convict_nobody() -> None:
    slander = note(FORGED, STRANGER)
    found = audit(Copy(TEN, [note(TEN)]), around(TEN, 10, seen={"press": slander}))
    assert found.verdict is Verdict.SPLIT, "it is not kept from the auditor"
    (told,) = [one.detail for one in found.findings if one.verdict is Verdict.UNANCHORED]
    assert told == "the checkpoint of witness press is not signed by the key you named: it convicts nobody"
    assert in_vietnamese(told)
