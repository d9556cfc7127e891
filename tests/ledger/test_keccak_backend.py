"""Whose keccak Ethereum's libraries use in a process of ours."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

IMPORTS = "from eth_account import Account\nimport ledger.protocol.keccak\n"
ASKS = """
from eth_hash.auto import keccak
Account.from_key(bytes(31) + bytes([1]))
print(keccak.hasher.__module__)
"""


def backend(program: str, chosen: dict[str, str]) -> str:
    """The module that hashed for eth-account in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if name != "ETH_HASH_BACKEND"}
    return subprocess.run([sys.executable, "-c", program], env=clean | chosen, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("imports", [IMPORTS, "\n".join(reversed(IMPORTS.splitlines()))], ids=["before us", "after us"])
def test_ethereums_libraries_hash_natively_whether_they_are_imported_before_us_or_after(imports: str) -> None:
    assert backend(imports + ASKS, {}) == "eth_hash.backends.pysha3"


def test_a_person_may_choose_another_backend() -> None:
    assert backend(IMPORTS + ASKS, {"ETH_HASH_BACKEND": "pycryptodome"}) == "eth_hash.backends.pycryptodome"
