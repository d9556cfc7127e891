"""Calls as bytes: what we encode is what web3 encodes, what a contract refuses with is what we read, and nothing is padded or guessed."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, fields
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.abi import Abi
from ledger.chain.revert import ErrorTable
from ledger.chain.rpc import NodeError
from ledger.errors import ChainError, NotFoundError, ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.typed_data import Agreement
from tests.conftest import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a part of websockets that nothing here uses
    from web3 import Web3

STEP = {"name": "steps", "type": "tuple[]", "components": [{"name": "quantityWh", "type": "uint64"}, {"name": "price", "type": "uint32"}]}
PLACE = {
    "type": "function",
    "name": "place",
    "stateMutability": "nonpayable",
    "inputs": [{"name": "id", "type": "bytes32"}, STEP, {"name": "by", "type": "address"}, {"name": "note", "type": "string"}],
    "outputs": [{"name": "", "type": "address"}, STEP],
}
PLACE_AGAIN = {**PLACE, "inputs": [{"name": "id", "type": "bytes32"}]}
TOO_LATE = {"type": "error", "name": "TooLate", "inputs": [{"name": "now", "type": "uint64"}, {"name": "who", "type": "address"}]}
BOOK = Abi("Book", [PLACE, PLACE_AGAIN, TOO_LATE])

words = st.binary(min_size=32, max_size=32)
accounts = st.binary(min_size=20, max_size=20)
steps = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)), max_size=4)


@dataclass(frozen=True)
class Step:
    """A step as our own code would hold it."""

    quantity_wh: int
    price: int


@given(words, steps, accounts, st.text(max_size=40))
def test_calldata_is_what_web3_encodes_however_the_structs_are_given(
    name: bytes, offered: list[tuple[int, int]], account: bytes, note: str
) -> None:
    theirs = Web3().eth.contract(abi=[PLACE]).encode_abi("place", [name, offered, Web3.to_checksum_address(account), note])
    for given_as in (offered, [Step(*each) for each in offered], [{"quantityWh": a, "price": b} for a, b in offered]):
        assert "0x" + BOOK.encode("place", [name, given_as, account, note]).hex() == theirs


@given(accounts, steps)
def test_answers_come_back_as_tuples_and_bytes(account: bytes, offered: list[tuple[int, int]]) -> None:
    data = encode(["address", "(uint64,uint32)[]"], [account, offered])
    assert BOOK.function("place").decode_outputs(data) == (account, tuple(offered))


@given(st.binary(max_size=200))
def test_an_answer_that_does_not_fit_is_our_error_and_no_other(data: bytes) -> None:
    with contextlib.suppress(ChainError):
        BOOK.function("place").decode_outputs(data)


@pytest.mark.parametrize(
    "args",
    [
        [bytes(32), [], bytes(20)],
        [bytes(31), [], bytes(20), ""],
        [bytes(33), [], bytes(20), ""],
        [bytes(32), [], bytes(19), ""],
        [bytes(32), [], "0x" + "00" * 20, ""],
        [bytes(32), [(1,)], bytes(20), ""],
        [bytes(32), [(1, 2, 3)], bytes(20), ""],
        [bytes(32), [(2**64, 0)], bytes(20), ""],
        [bytes(32), [(-1, 0)], bytes(20), ""],
        [bytes(32), [(True, 0)], bytes(20), ""],
        [bytes(32), [(1.0, 0)], bytes(20), ""],
        [bytes(32), [{"quantityWh": 1}], bytes(20), ""],
        [bytes(32), 7, bytes(20), ""],
        [None, [], bytes(20), ""],
        [bytes(32), [], bytes(20), b"bytes"],
    ],
)
def test_what_does_not_fit_is_refused_and_never_padded(args: list[Any]) -> None:
    with pytest.raises(ProtocolError) as refused:
        BOOK.encode("place", args)
    assert refused.value.fix


def test_functions_that_share_a_name_are_told_apart_by_their_signature() -> None:
    assert BOOK.encode("place(bytes32)", [bytes(32)])[:4] == keccak(b"place(bytes32)")[:4]
    assert BOOK.function("place").signature == "place(bytes32,(uint64,uint32)[],address,string)"
    with pytest.raises(NotFoundError, match="has no function plaec"):
        BOOK.function("plaec")


def reverted(data: bytes) -> NodeError:
    return ErrorTable([BOOK]).explain(NodeError("the node refused", kind="reverted", data=data), "Book.place")


def test_a_custom_error_is_read_by_name_with_its_values() -> None:
    found = reverted(keccak(b"TooLate(uint64,address)")[:4] + encode(["uint64", "address"], [7, bytes(20)]))
    assert (found.error, found.values) == ("TooLate", {"now": 7, "who": bytes(20)})
    assert found.problem == f"the contract refused: TooLate(now 7, who 0x{'00' * 20})"
    assert found.field == "Book.place"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (keccak(b"Error(string)")[:4] + encode(["string"], ["not today"]), "not today"),
        (keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x11]), "arithmetic overflow"),
        (keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x99]), "0x99"),
        (keccak(b"TooLate(uint64,address)")[:4] + b"\x01", "0x"),
        (b"\xde\xad\xbe\xef", "0xdeadbeef"),
        (b"", "the node refused"),
    ],
)
def test_other_reverts_are_said_as_well_as_they_can_be(data: bytes, says: str) -> None:
    assert says in reverted(data).problem


def test_a_typed_agreement_is_the_struct_its_contract_takes(world: World) -> None:
    agreement = Agreement(bytes(32), bytes(32), 1, bytes(32), bytes(32), (bytes(32), bytes(32)), 1, 2, bytes(32), 3)
    flat = tuple(getattr(agreement, field.name) for field in fields(agreement))
    args = [bytes(32), [b"s"], [b"t"]]
    assert world.calls.encode("AgreementRegistry", "record", [agreement, *args]) == world.calls.encode(
        "AgreementRegistry", "record", [flat, *args]
    )
