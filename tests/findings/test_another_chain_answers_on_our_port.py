"""Two programs took the devchain's usual port at once: the one that lost heard the other's chain answer and took it for its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.chain import anvil
from ledger.chain.devchain import Devchain
from ledger.errors import UnavailableError


def test_a_chain_that_another_one_answers_for_is_not_ready(chain: Devchain, tmp_path: Path) -> None:
    port, url = chain.status().port, chain.url
    assert port is not None
    assert url is not None
    given = anvil.arguments(chain.config, port=port, state=tmp_path / "state.json", cache=tmp_path / "cache", saved=None)
    late = anvil.spawn(anvil.anvil_binary(chain.project_root), given, tmp_path / "anvil.log")
    try:
        with pytest.raises(UnavailableError, match="anvil ended while starting"):
            anvil.wait_until_ready(late, url, chain.config)
    finally:
        anvil.stop(late)
