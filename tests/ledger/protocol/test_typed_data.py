"""Typed data: equal to viem's and eth-account's answers, and never a digest of a value that does not fit."""

from __future__ import annotations

import dataclasses
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.protocol import typed_data
from ledger.protocol.eip712 import schema_of
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.typed_data import (
    Domain,
    LoadProfile,
    Order,
    Step,
    TypedStruct,
    as_eip712,
    digest,
    domain_separator,
    hash_struct,
    type_string,
)
from tests.ledger.protocol.vectors import STRUCTS, domains, fault, junk, load, struct_of, structs

DOMAIN = Domain(31337, bytes(range(20)))
CASES = load("typed_data")["cases"]
ORDER = Order(bytes(32), bytes(32), bytes(32), 0, (Step(2_000, 700), Step(2**64 - 1, 800)), 1, 2, 3)


class Side(IntEnum):
    SELL = 0
    BUY = 1


def eth_account_digest(domain: Domain, value: TypedStruct) -> bytes:
    signable = encode_typed_data(full_message=as_eip712(domain, value))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("case", CASES, ids=[f"{place}-{case['primaryType']}" for place, case in enumerate(CASES)])
def test_viem_hashes_every_struct_to_the_same_bytes(case: dict[str, Any]) -> None:
    cls = getattr(typed_data, case["primaryType"])
    value = struct_of(cls, case["message"])
    domain = Domain(case["chainId"], unhex(case["verifyingContract"], "vector"))
    assert type_string(cls) == case["type"]
    assert hex0x(hash_struct(value)) == case["structHash"]
    assert hex0x(digest(domain, value)) == case["digest"]
    assert eth_account_digest(domain, value) == digest(domain, value)


def test_every_struct_has_vectors_and_its_type_stands_in_the_protocol_page(project_root: Path) -> None:
    page = (project_root / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert {cls.__name__ for cls in STRUCTS} - {"Step"} == {case["primaryType"] for case in CASES}
    for cls in STRUCTS:
        assert type_string(cls) in page


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(STRUCTS).flatmap(structs), domains)
def test_eth_account_agrees_on_any_value(value: TypedStruct, domain: Domain) -> None:
    assert eth_account_digest(domain, value) == digest(domain, value)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(STRUCTS).flatmap(structs), domains)
def test_a_message_in_wallet_form_reads_back_as_the_same_struct(value: TypedStruct, domain: Domain) -> None:
    message = as_eip712(domain, value)
    assert message["primaryType"] == type(value).__name__
    assert struct_of(type(value), message["message"]) == value


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_field_of_another_kind_is_refused_and_named(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(STRUCTS).flatmap(structs))
    schema = schema_of(type(value))
    place = data.draw(st.integers(0, len(schema.members) - 1))
    name, (_, kind) = schema.attributes[place], schema.members[place]
    changed = dataclasses.replace(value, **{name: data.draw(junk)})  # type: ignore[type-var]
    wrong = fault(lambda: hash_struct(changed))
    if wrong is not None:
        assert wrong.field == name
        assert wrong.fix
        return
    accepted = tuple | list if kind.endswith("[]") else bytes if kind.startswith("bytes") else int
    assert isinstance(getattr(changed, name), accepted)
    assert not isinstance(getattr(changed, name), bool)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("side", value) for value in (True, -1, 256, 0.0, "0", None)),
        *(("valid_from", value) for value in (-1, 2**64, 2**300, 1.0, False)),
        *(("party", value) for value in (b"", bytes(31), bytes(33), bytearray(32), "0x", None)),
        *(("steps", value) for value in (None, Step(1, 2), (1, 2), (None,), ((1, 2),), "no", {})),
        *(("steps", (Step(*pair),)) for pair in ((-1, 1), (2**64, 1), (1, 2**32), (True, 1), (1, None))),
    ],
)
def test_an_order_that_does_not_fit_has_no_digest(field: str, value: object) -> None:
    with pytest.raises(ProtocolError):
        digest(DOMAIN, dataclasses.replace(ORDER, **{field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("entries", [(1, -1), (2**64,), (1, True), (1, "2"), None, 7, (b"1",)])
def test_a_profile_with_an_impossible_interval_has_no_digest(entries: Any) -> None:
    with pytest.raises(ProtocolError, match="import_wh"):
        digest(DOMAIN, LoadProfile(bytes(32), 0, 1800, 1, entries, ()))


def test_an_enumeration_counts_as_its_number() -> None:
    assert hash_struct(dataclasses.replace(ORDER, side=Side.BUY)) == hash_struct(dataclasses.replace(ORDER, side=1))
    assert hash_struct(LoadProfile(bytes(32), 0, 1800, 1, (Side.BUY, 2), ())) == hash_struct(LoadProfile(bytes(32), 0, 1800, 1, (1, 2), ()))


def test_a_list_and_a_tuple_of_steps_are_the_same_order() -> None:
    assert hash_struct(dataclasses.replace(ORDER, steps=list(ORDER.steps))) == hash_struct(ORDER)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "domain",
    [None, "domain", Domain(-1, bytes(20)), Domain(2**256, bytes(20)), Domain(True, bytes(20)), Domain(1, bytes(19)), Domain(1, "0x")],  # type: ignore[arg-type]
)
def test_a_malformed_domain_separates_nothing(domain: Any) -> None:
    with pytest.raises(ProtocolError):
        domain_separator(domain)


@pytest.mark.parametrize("value", [None, 7, "Order", TypedStruct(), DOMAIN, object()])
def test_what_is_no_struct_has_no_digest(value: Any) -> None:
    with pytest.raises(ProtocolError):
        digest(DOMAIN, value)


def test_another_chain_or_contract_makes_another_digest() -> None:
    digests = {digest(Domain(chain_id, contract), ORDER) for chain_id in (1, 31337) for contract in (bytes(20), bytes(19) + b"\1")}
    assert len(digests) == 4
