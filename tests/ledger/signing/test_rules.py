"""A code's hash covers everything the code is bound to, and addresses are counted without being kept."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing.model import PURPOSES
from ledger.signing.rules import Binding, SigningTerms, address_tag, bound_to, check_code, code_hash, new_code

IDS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(max_size=24)
NUMBERS = st.integers(0, 2**40)
BINDINGS = st.builds(Binding, st.sampled_from(PURPOSES), IDS, IDS, TEXTS, TEXTS, NUMBERS)
KEYS = st.binary(min_size=32, max_size=32)


@given(BINDINGS, BINDINGS, KEYS, NUMBERS)
def test_whatever_a_code_is_bound_to_changes_its_hash(one: Binding, other: Binding, key: bytes, expires_s: int) -> None:
    hashed = code_hash(key, one, expires_s, "123456")
    for field in fields(Binding):
        changed = replace(one, **{field.name: getattr(other, field.name)})
        assert (code_hash(key, changed, expires_s, "123456") == hashed) == (changed == one)
    assert code_hash(key, one, expires_s + 1, "123456") != hashed
    assert code_hash(key, one, expires_s, "123457") != hashed
    assert code_hash(key[::-1] + b"x", one, expires_s, "123456") != hashed


@given(TEXTS, TEXTS)
def test_parts_that_run_into_each_other_are_told_apart(left: str, right: str) -> None:
    bound = Binding("approve", bytes(32), bytes(32), left, right, 1)
    moved = replace(bound, lookup_code=left + right, role="")
    assert (code_hash(b"k" * 32, bound, 0, "1") == code_hash(b"k" * 32, moved, 0, "1")) == (bound == moved)
    assert bound_to("vouch", left, right) != bound_to("verify", left, right)


@given(st.integers(6, 8))
def test_a_new_code_has_its_digits_and_is_taken_back_with_spaces(digits: int) -> None:
    code = new_code(digits)
    assert check_code(f" {code[:3]} {code[3:]}\t", digits) == code
    for wrong in (code[1:], code + "0", "x" + code[1:], "٣" + code[1:]):
        with pytest.raises(InputError) as refused:
            check_code(wrong, digits)
        assert wrong not in str(refused.value)


def test_an_address_is_counted_by_a_keyed_tag_that_does_not_contain_it() -> None:
    tag = address_tag(b"k" * 32, "email", "Hoa@example.vn")
    assert tag == address_tag(b"k" * 32, "email", "hoa@example.vn")
    assert tag != address_tag(b"q" * 32, "email", "hoa@example.vn")
    assert address_tag(b"k" * 32, "sms", "+84912345678") != address_tag(b"k" * 32, "zalo", "+84912345678")


def test_passkeys_are_bound_to_where_people_reach_the_pages() -> None:
    terms = SigningTerms(public_url="https://ky.dienluc.example:8443")
    assert (terms.rp_id, terms.origin) == ("ky.dienluc.example", "https://ky.dienluc.example:8443")
