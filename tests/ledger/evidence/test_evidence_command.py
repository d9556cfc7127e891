"""`sonang evidence` and `sonang verify` as the utility, the auditor and the bank type them."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from ledger.agreements.store import DocumentStore
from ledger.cli.program import build
from ledger.errors import InputError, RuleError
from ledger.evidence.build import provable_block
from ledger.life.commands import erase, finish_erasures
from ledger.protocol.checkpoint import WITNESS, NoteSigner
from ledger.protocol.quantities import hex0x
from ledger.sealing.sealer import Sealer
from ledger.services.holding import on_request_of
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.commands import sign_checkpoint
from ledger.transparency.queries import entry_about, origin_of, portable_proof
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.test_package import issue, recorded, unpacked


def typed(*words: object) -> tuple[int, str]:
    """Exit code and output of a command line."""
    app = build(str(words[0]))
    done = CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit | typer.Exit):
        raise done.exception
    return done.return_value or 0, done.stdout


def verified(*words: object) -> dict[str, Any]:
    code, said = typed("verify", *words, "--json")
    answer: dict[str, Any] = json.loads(said)
    assert answer["exit_code"] == code
    return answer


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], authority: AuthorityFiles) -> None:
    for name, value in environment.items():
        if name.startswith("SONANG_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SONANG_SEAL_TRUST_ROOTS", str(authority.root))
    monkeypatch.setenv("SONANG_SEAL_NAME", str(authority.certificate("seal")))


@pytest.mark.usefixtures("_here")
def test_an_agreement_is_packed_checked_offline_shown_in_part_and_at_last_erased(
    session: Session, town: Town, world: World, sealer: Sealer, settings: Settings
) -> None:
    town.store, tmp_path = DocumentStore.of(settings), settings.state_dir.parent
    own, _ = recorded(session, town)
    issue(town, sealer, own)
    log = NoteSigner(origin_of(world.deployment), Ed25519PrivateKey.generate())
    sign_checkpoint(session, log)
    session.commit()
    block = hex0x(provable_block(world.gateway).hash)
    package, bank = tmp_path / "evidence.zip", tmp_path / "bank.zip"
    assert "evidence" in typed("evidence", "--code", own.lookup_code, "--log-key", log.key().text(), "-o", package)[1]
    with pytest.raises(InputError, match="is there already"):
        typed("evidence", "--code", own.lookup_code, "-o", package)
    with pytest.raises(RuleError, match="published key"):
        typed("evidence", "--agreement", hex0x(own.id), "-o", tmp_path / "other.zip")
    with pytest.raises(InputError, match="name one agreement"):
        typed("evidence", "-o", tmp_path / "other.zip")
    folder = unpacked(package.read_bytes(), tmp_path / "unpacked")

    record = ("--deployment", folder / "deployment.json")
    rooted = ("--trust-root", folder / "roots.pem")
    offline = verified(package, "--trust-block", block, *record, *rooted, "--sealed-by", os.environ["SONANG_SEAL_NAME"])
    assert (offline["verdict"], offline["status"]["code"], offline["exit_code"]) == ("authentic", "in-force", 0)
    assert [(one["level"], one["holds"]) for one in offline["seals"]] == [("PAdES B-LTA", True)] * 2
    assert {one["source"] for one in offline["times"]} == {"chain", "signer", "time-stamp authority"}
    pair = verified(folder / "agreement.pdf", folder / "agreement.zip", "--trust-block", block, *record)
    assert ([one["holds"] for one in pair["seals"]], pair["exit_code"]) == ([None, None], 3), "no root was brought"
    assert verified(package, "--trust-block", block, *record, *rooted)["exit_code"] == 3, "a stranger's seal under that root looks the same"
    online = verified(folder / "agreement.pdf")
    assert ([one["holds"] for one in online["seals"]], online["verdict"]) == ([True, True], "authentic")
    logged = verified(folder / "log/sealed.tlog-proof", folder / "agreement.pdf", "--bundle", "--log-key", log.key().text())
    assert (logged["kind"], logged["status"]["code"], logged["verdict"]) == ("log-entry", "sealed", "authentic")
    assert verified(folder / "log/sealed.tlog-proof")["exit_code"] == 3  # this checkpoint was never anchored
    unasked = verified(folder / "log/sealed.tlog-proof", "--bundle", "--witness-key", log.key(WITNESS).text())
    assert unasked["exit_code"] == 5
    with pytest.raises(InputError, match="proof at a time"):
        typed("verify", folder / "log/sealed.tlog-proof", folder / "agreement.zip")

    typed("evidence", folder / "agreement.zip", "--show", "seller.name", "-o", bank)
    shown = verified(bank, "--bundle", "--trust-block", block, *record)
    assert (shown["kind"], list(shown["facts"]["terms"])) == ("disclosure", ["seller.name"])
    typed("evidence", package, "--show", "seller.name", "-o", tmp_path / "from-the-package.zip")
    assert (tmp_path / "from-the-package.zip").read_bytes() == bank.read_bytes()
    assert typed("evidence", "--code", own.lookup_code, "--show", "price.vnd_per_kwh", "-o", tmp_path / "price.zip")[0] == 0

    code = own.lookup_code
    erase(session, own, reason="retention-ended", by="Lưu trữ", at=own.valid_to + 6 * 366 * 86_400, on_request=on_request_of)
    finish_erasures(session, town.store)
    sign_checkpoint(session, log)
    proof = tmp_path / "erased.tlog-proof"
    proof.write_bytes(portable_proof(session, entry_about(session, own.id, "erased")).to_bytes())
    session.commit()
    erased = verified(folder / "agreement.pdf")
    assert (erased["verdict"], erased["status"]["remarks"]) == ("authentic", ["erased"])
    assert "retention-ended" in erased["facts"]["erasure"]
    assert verified(proof, "--bundle", "--log-key", log.key().text())["status"]["code"] == "erased"
    for named in (("--code", code), ("--agreement", hex0x(own.id))):
        with pytest.raises(RuleError, match="it was lawfully erased on"):
            typed("evidence", *named, "-o", tmp_path / "late.zip")
