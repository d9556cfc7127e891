"""A database put back from last night's backup had forgotten what was signed since, and the log's key signed other entries in their place.

The chain had the later root, the witnesses had cosigned it, and the office went on as if nothing were missing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import NotFoundError, RuleError
from ledger.note_keys import KeyFileError, load_note_key, new_note_key
from ledger.office.checkpoints import Published, publish_checkpoint
from ledger.office.duties import Plan, duties
from ledger.office.signed_before import LastSigned, signed_before
from ledger.protocol.checkpoint import NoteSigner
from ledger.transparency.commands import log_event
from ledger.transparency.model import LogCheckpoint
from ledger.transparency.queries import origin_of
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness
from tests.conftest import World
from tests.witnesses import serving


class Installation:
    """A log with its key, its chain and its database; `backup` is how long the log was when the backup was taken."""

    def __init__(self, world: World, sessions: sessionmaker[Session], backup: int) -> None:
        self.world, self.sessions, self.backup = world, sessions, backup
        self.key = world.settings.state_dir / "log.key"
        self.signer = new_note_key(self.key, origin_of(world.deployment))
        self.last = LastSigned(self.key)

    def happens(self, *numbers: int) -> None:
        with self.sessions.begin() as session:
            for number in numbers:
                log_event(session, unit=bytes(32), event="sealed", document=number.to_bytes(32, "big"), digest=b"\x01" * 32)

    def publish(self, *witnesses: str) -> Published:
        return publish_checkpoint(self.sessions, self.world.gateway, self.signer, self.last, witnesses)

    def put_back(self) -> None:
        """The database as the backup had it."""
        with self.sessions.begin() as session:
            session.execute(text("DELETE FROM log_checkpoint WHERE size > :n"), {"n": self.backup})
            session.execute(text("DELETE FROM log_entry WHERE index >= :n"), {"n": self.backup})
            session.execute(text("DELETE FROM log_node WHERE (index + 1) * (1 << level) > :n"), {"n": self.backup})

    def signed(self) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(LogCheckpoint)) or 0


@pytest.fixture
def made(world: World, sessions: sessionmaker[Session]) -> Installation:
    """Signed at 2, when the backup was taken, and at 4."""
    found = Installation(world, sessions, 2)
    found.happens(1, 2)
    found.publish()
    found.happens(3, 4)
    assert found.publish().size == 4
    return found


def forget(made: Installation) -> None:
    made.last.path.unlink()


def remembered_by_the_file(_made: Installation) -> str:
    return "log.key.signed"


def remembered_by_the_chain(made: Installation) -> str:
    with made.sessions() as session:
        root = session.get_one(LogCheckpoint, 4).root
    made.world.send("DocumentLog", "anchor", 4, root)
    forget(made)
    return "the chain"


@pytest.mark.parametrize("remembered", [remembered_by_the_file, remembered_by_the_chain])
def test_an_older_database_signs_nothing(made: Installation, remembered: Callable[[Installation], str]) -> None:
    who = remembered(made)
    made.put_back()
    for fresh, problem in (((), "only 2 entries are here, 4 were signed"), ((5, 6), "the first 4 entries are others")):
        made.happens(*fresh)
        with pytest.raises(RuleError, match=problem) as refused:
            made.publish()
        assert who in refused.value.problem
        assert "docs/keeping.md" in refused.value.fix
        assert made.signed() == 1


def test_an_office_does_not_go_on_with_an_older_database(made: Installation) -> None:
    remembered_by_the_chain(made)
    made.put_back()
    plan = Plan(checkpoint_every_s=0)
    with (
        pytest.raises(RuleError, match="only 2 entries are here"),
        duties(made.world.settings, made.sessions, made.world.gateway, plan, Event()),
    ):
        raise AssertionError("it began")


def test_an_empty_database_is_not_an_empty_log(made: Installation) -> None:
    made.backup = 0
    made.put_back()
    with pytest.raises(RuleError, match="only 0 entries are here"):
        made.publish()
    forget(made)
    with pytest.raises(NotFoundError, match="the log is empty"):
        made.publish()


def test_a_witness_is_asked_before_and_believed_what_the_key_signed(made: Installation, tmp_path: Path) -> None:
    key, memory = made.signer.key(), Memory(tmp_path / "press")
    press = NoteSigner("press.example", Ed25519PrivateKey.generate())
    with serving([Witness(press, [key], memory, lambda: 1_782_900_000)]) as urls:
        assert made.publish(*urls).cosigned == ("press.example",)
        forget(made)
        assert [one.size for one in signed_before(made.world.gateway, key, made.last, urls)] == [4]
        other = NoteSigner(made.signer.name, Ed25519PrivateKey.generate()).key()
        assert signed_before(made.world.gateway, other, made.last, urls) == [], "nobody stops a log with what its key did not sign"
        made.put_back()
        with pytest.raises(RuleError, match=rf"only 2 entries are here, 4 were signed according to the witness at {urls[0]}"):
            made.publish(*urls)
    memory.close()
    assert signed_before(made.world.gateway, key, made.last, urls) == [], "one that is away is told of when it is to cosign"
    assert not list(tmp_path.rglob("*.refused")), "the witness was asked, and got nothing signed to refuse"


def test_what_was_signed_is_beside_the_key_before_the_database_says_so(made: Installation) -> None:
    kept = made.last.path.read_bytes()
    assert made.last.path.stat().st_mode & 0o777 == 0o600
    made.happens(5)
    again = made.publish()
    with made.sessions.begin() as session:
        session.execute(text("DELETE FROM log_checkpoint WHERE size = 5"))  # died between the file and the commit
    assert (made.publish().note, again.size) == (again.note, 5)
    made.last.path.write_bytes(kept.replace(b"\n4\n", b"\n3\n"))
    with pytest.raises(KeyFileError, match="is not what this key signed last"):
        made.publish()
    made.last.path.write_bytes(kept)
    assert made.publish().size == 5, "an older file, put back with the key, is a beginning too"
    assert load_note_key(made.key, made.signer.name).key() == made.signer.key()
