"""An auditor has a node and the published record, in a folder of their own, and is never told to run a chain or to deploy."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from ledger.chain.deployment import deployment_path
from ledger.cli.audit_chain import ask_chain
from ledger.errors import SonangError
from ledger.settings import Settings
from ledger.transparency.queries import origin_of
from tests.conftest import World


def test_a_node_and_the_record_are_all_an_auditor_needs(world: World, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "mine", project_root=None)
    origin, chain = ask_chain(settings, world.devchain.url, deployment_path(world.settings, 31_337), elsewhere=True)
    assert (origin, chain.documents) == (origin_of(world.deployment), [])
    assert not (tmp_path / "mine").exists(), "nothing is left behind"


@pytest.mark.parametrize("trouble", ["no node", "a dead node", "no record", "another chain's record", "other code", "torn"])
def test_what_is_missing_is_named_in_words_for_an_auditor(world: World, tmp_path: Path, trouble: str) -> None:
    record = orjson.loads(deployment_path(world.settings, 31_337).read_bytes())
    if trouble == "another chain's record":
        record["chain_id"] = 1
    if trouble == "other code":
        record["contracts"]["DocumentLog"]["code_hash"] = "0x" + "11" * 32
    path = tmp_path / "record"
    if trouble != "no record":
        path.write_bytes(orjson.dumps(record)[: 500 if trouble == "torn" else None])
    rpc = {"no node": None, "a dead node": "http://127.0.0.1:9"}.get(trouble, world.devchain.url)
    with pytest.raises(SonangError) as refused:
        ask_chain(Settings(state_dir=tmp_path / "mine", project_root=None), rpc, path, elsewhere=True)
    assert ("--rpc URL" in refused.value.fix) == (trouble in ("no node", "a dead node", "other code"))
    assert ("--deployment FILE" in refused.value.fix) == ("node" not in trouble)
    assert "sonang deploy" not in str(refused.value)
    assert "devchain up" not in str(refused.value)


def test_at_home_the_advice_stays_that_of_the_house(tmp_path: Path) -> None:
    with pytest.raises(SonangError, match="devchain is down") as refused:
        ask_chain(Settings(state_dir=tmp_path / "mine", project_root=None))
    assert "sonang devchain up" in refused.value.fix
