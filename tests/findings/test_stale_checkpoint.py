"""An old checkpoint passes every check of signatures and hashes, and hides what came after: a revocation, say. It has to be told apart.

Nobody compared a proof with what the auditor had seen before, nor asked how old it is.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.evidence.claims.logged import LogTrust, verify_log_proof
from ledger.evidence.findings import Answer
from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteSigner
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import consistency_proof, inclusion_proof, leaf_hash, tree_root, verify_consistency
from ledger.protocol.tlog_proof import TlogProof, parse_tlog_proof
from ledger.transparency.audit import Anchored, Copy, Elsewhere, Verdict, audit
from ledger.transparency.rules import Entry
from ledger.witness.memory import Memory
from ledger.witness.witness import Request, StaleError, Witness

LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
PRESS = NoteSigner("press.example", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
NOW = 1_782_900_000
ENTRIES = [
    Entry(b"\x01" * 32, place, event, b"\x07" * 32, sha256(b"pdf").digest(), NOW - 90_000).to_bytes()
    for place, event in enumerate(("sealed", "issued", "superseded", "revoked"))
]
LEAVES = [leaf_hash(one) for one in ENTRIES]
TRUST = LogTrust(LOG.key(), (PRESS.key(WITNESS),))


def head(size: int) -> Checkpoint:
    return Checkpoint(LOG.name, size, tree_root(LEAVES[:size]))


def note(size: int, cosigned: int = NOW) -> Note:
    text = head(size).text()
    return Note(text, (LOG.sign(text), PRESS.cosign(text, cosigned)))


def proof(size: int, cosigned: int = NOW, index: int = 0) -> TlogProof:
    return TlogProof(ENTRIES[index], index, inclusion_proof(LEAVES[:size], index), note(size, cosigned))


def told(trust: LogTrust, size: int = 2, cosigned: int = NOW) -> tuple[Answer, str]:
    report = verify_log_proof(proof(size, cosigned).to_bytes(), trust)
    return report.answer, report.failed.detail if report.failed is not None else ""


def test_a_proof_older_than_what_the_auditor_saw_is_stale_and_says_what_to_ask_for() -> None:
    assert told(TRUST) == (Answer.AUTHENTIC, "")
    answer, why = told(replace(TRUST, seen=head(4)))
    assert (answer, "of 2 entries, you saw the log at 4; ask for a newer proof" in why) == (Answer.UNANCHORED, True)
    assert told(replace(TRUST, seen=head(4)), size=4) == (Answer.AUTHENTIC, "")
    assert told(replace(TRUST, seen=head(1))) == (Answer.AUTHENTIC, "")


def test_another_root_at_the_size_the_auditor_saw_is_two_histories_and_another_log_is_none() -> None:
    answer, why = told(replace(TRUST, seen=replace(head(2), root=b"\x09" * 32)))
    assert (answer, "two histories" in why) == (Answer.ALTERED, True)
    assert told(replace(TRUST, seen=replace(head(2), origin="sonang/1/0x00")))[0] == Answer.UNRECOGNISED


def test_a_proof_no_trusted_witness_cosigned_lately_is_stale() -> None:
    lately = replace(TRUST, not_before=NOW - 3_600)
    assert told(lately, cosigned=NOW - 3_600) == (Answer.AUTHENTIC, "")
    answer, why = told(lately, cosigned=NOW - 3_601)
    assert (answer, "stale: no witness you trust cosigned it since" in why) == (Answer.UNANCHORED, True)
    assert "name one by --witness-key" in told(replace(lately, witnesses=()))[1]


def test_a_cosignature_of_a_time_to_come_is_not_fresh_for_ever() -> None:
    trust = replace(TRUST, not_before=NOW - 3_600, not_after=NOW + 300)
    assert told(trust, cosigned=NOW + 300) == (Answer.AUTHENTIC, "")
    answer, why = told(trust, cosigned=NOW + 301)
    assert (answer, "at a time to come" in why) == (Answer.UNANCHORED, True)


def test_an_audit_notices_a_log_that_is_shorter_or_older_than_the_auditor_remembers() -> None:
    def audited(size: int, cosigned: int = NOW, **more: object) -> tuple[Verdict, str]:
        anchors = [Anchored(size, head(size).root, 1)]
        documents = [(b"\x07" * 32, event, None) for event in ("sealed", "superseded", "revoked")[: size - 1]]
        known = Elsewhere(LOG.name, anchors, documents, log_key=LOG.key(), witnesses=(PRESS.key(WITNESS),), **more)  # type: ignore[arg-type]
        found = audit(Copy(ENTRIES[:size], [note(size, cosigned).to_bytes()]), known)
        return found.verdict, " ".join(one.detail for one in found.findings if one.verdict == found.verdict)

    assert audited(4, seen={"you": note(2, NOW - 90_000).to_bytes()})[0] == Verdict.WHOLE
    verdict, why = audited(2, seen={"you": note(4).to_bytes()})
    assert (verdict, "cut: witness you holds it at 4 entries, 2 are served" in why) == (Verdict.BROKEN, True)
    verdict, why = audited(4, cosigned=NOW - 7_200, not_before=NOW - 3_600)
    assert (verdict, "stale: press.example cosigned nothing since" in why) == (Verdict.UNANCHORED, True)
    verdict, why = audited(4, cosigned=NOW + 301, not_after=NOW + 300)
    assert (verdict, "press.example cosigned at a time to come" in why) == (Verdict.UNANCHORED, True)


def test_a_witness_refuses_an_older_checkpoint_names_the_size_it_holds_and_still_cosigns_the_next(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    memory = Memory(tmp_path_factory.mktemp("witness"))
    witness = Witness(PRESS, [LOG.key()], memory, lambda: NOW)
    witness.cosign(Request(0, (), note(3)))
    with pytest.raises(StaleError, match="size 3"):
        witness.cosign(Request(0, (), note(2)))
    with pytest.raises(StaleError, match="size 3"):
        witness.cosign(Request(2, consistency_proof(LEAVES[:3], 2), note(3)))
    assert witness.seen(LOG.name) is not None
    assert witness.cosign(Request(3, consistency_proof(LEAVES, 3), note(4)))
    memory.close()


@given(st.integers(1, 4), st.data())
def test_a_truncated_reordered_or_stretched_proof_is_altered_and_never_something_else(size: int, data: st.DataObject) -> None:
    good = proof(size, index=data.draw(st.integers(0, size - 1)))
    hashes = list(good.hashes)
    others = st.lists(st.sampled_from([*LEAVES, bytes(32), *hashes]), max_size=4)
    spoiled = data.draw(st.one_of(others, st.permutations(hashes).map(list), st.just(hashes[:-1]), st.just(hashes[1:])))
    report = verify_log_proof(replace(good, hashes=tuple(spoiled)).to_bytes(), TRUST)
    assert report.answer == (Answer.AUTHENTIC if spoiled == hashes else Answer.ALTERED)


@given(st.data())
def test_a_proof_cut_or_shuffled_as_text_is_refused_in_our_own_words(data: st.DataObject) -> None:
    raw = proof(4).to_bytes()
    lines = raw.split(b"\n")
    cut = data.draw(st.one_of(st.integers(0, len(raw) - 1).map(lambda at: raw[:at]), st.permutations(lines).map(b"\n".join)))
    report = verify_log_proof(cut, TRUST)
    try:
        same = parse_tlog_proof(cut) == proof(4)
    except ProtocolError:
        same = False
    assert (report.answer == Answer.AUTHENTIC) == same


def test_a_past_of_no_entries_proves_nothing_to_anybody() -> None:
    for new in (0, 4):
        with pytest.raises(ProtocolError, match="0 < old size"):
            verify_consistency(tree_root([]), 0, tree_root(LEAVES[:new]), new, ())
    with pytest.raises(ProtocolError):
        consistency_proof(LEAVES, 0)
