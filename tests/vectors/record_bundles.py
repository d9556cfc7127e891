"""Records a day on a devchain as one bundle of each kind, and a disclosure: what every later `sonang verify` must still read.

Run it only when the format of bundles changes on purpose, and say so where the change is made: bundles that people hold stop verifying.

    .venv/bin/python -m tests.vectors.record_bundles
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import orjson

from ledger.agreements.store import DocumentStore
from ledger.chain.keys import deployer_key, guardian_key, operator_key
from ledger.db import connect, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.evidence.disclosure import disclose
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import hex0x
from tests.chain_stage import ChainStage, chain_stage
from tests.conftest import World, disposing
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import trade_a_day

FOLDER = Path(__file__).with_name("bundles")
KINDS = ("agreement", "position", "reading", "trade")
OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def record(stage: ChainStage, documents: Path) -> None:
    """Trades a day and writes its bundles, the deployment record as it is published, and what an auditor should be told."""
    keys = [key(stage.settings, stage.gateway.chain_id) for key in (deployer_key, operator_key, guardian_key)]
    world = World(stage.settings, stage.chain, stage.gateway, *keys)
    with stage.sessions() as session:
        day = trade_a_day(session, world, Town(world.gateway, stage.sessions, DocumentStore(documents), world.operator, world.guardian))
        trust, bundles = day.trust, {kind: day.bundle(kind) for kind in KINDS}
    bundles["disclosure"] = disclose(bundles["agreement"], ["price.vnd_per_kwh", "seller.name"])
    assert trust.block_hash is not None
    assert trust.contracts is not None
    FOLDER.mkdir(exist_ok=True)
    for kind, bundle in bundles.items():
        (FOLDER / f"{kind}.zip").write_bytes(bundle)
    contracts = {
        name: {"address": hex0x(address), "code_hash": hex0x(trust.contracts.code_hashes[name])}
        for name, address in trust.contracts.addresses.items()
    }
    (FOLDER / "deployment.json").write_bytes(orjson.dumps({"chain_id": trust.contracts.chain_id, "contracts": contracts}, option=OPTIONS))
    told = {kind: verify_bundle(bundle, Trust(trust.block_hash, trust.contracts)).as_json() for kind, bundle in bundles.items()}
    (FOLDER / "told.json").write_bytes(orjson.dumps({"trust_block": hex0x(trust.block_hash), "reports": told}, option=OPTIONS))


def main() -> None:
    """Starts a database and a chain of its own, and ends both."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        try:
            with disposing(connect(server.url())) as engine:
                upgrade(engine)
                with chain_stage(engine, folder) as stage:
                    record(stage, folder / "agreements")
        finally:
            server.close()


if __name__ == "__main__":
    main()
