"""The code people type from paper: what it catches, what it forgives, and the square that says the same to a telephone."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from ledger.agreements import qr, rules
from ledger.errors import InputError

keys = st.binary(min_size=32, max_size=32)
codes = st.builds(rules.lookup_code, keys, keys)
places = st.integers(0, rules.LOOKUP_LENGTH - 1)


def spelled(letters: str) -> str:
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


@given(keys, keys)
def test_a_look_up_code_is_five_groups_that_paper_keeps_apart(key: bytes, agreement: bytes) -> None:
    code = rules.lookup_code(key, agreement)
    assert [len(group) for group in code.split("-")] == [4] * 5
    assert set(code) <= set(rules.LOOKUP_ALPHABET) | {"-"}
    assert code == rules.lookup_code(key, agreement) == rules.check_lookup_code(code)


@given(codes, places, st.sampled_from(rules.LOOKUP_ALPHABET))
def test_a_wrong_character_is_always_noticed(code: str, place: int, other: str) -> None:
    letters = rules.lookup_digits(code)
    wrong = spelled(letters[:place] + other + letters[place + 1 :])
    if wrong == code:
        assert rules.check_lookup_code(wrong) == code
    else:
        with pytest.raises(InputError, match="a character is wrong"):
            rules.check_lookup_code(wrong)


@given(codes, places, places)
def test_two_characters_that_changed_places_are_always_noticed(code: str, one: int, other: int) -> None:
    letters = list(rules.lookup_digits(code))
    letters[one], letters[other] = letters[other], letters[one]
    wrong = spelled("".join(letters))
    if wrong == code:
        assert rules.check_lookup_code(wrong) == code
    else:
        with pytest.raises(InputError, match="changed places"):
            rules.check_lookup_code(wrong)


@given(codes, st.randoms(use_true_random=False))
def test_the_usual_slips_of_reading_are_forgiven(code: str, chance: st.DataObject) -> None:
    slips = {"0": "0Oo", "1": "1IilL", "-": "- "}
    typed = "".join(chance.choice(slips.get(one, one + one.lower())) for one in code)  # type: ignore[attr-defined]
    assert rules.check_lookup_code(f"  {typed}\n") == code
    assert rules.check_lookup_code("sonang:" + rules.lookup_digits(code).lower()) == code


@pytest.mark.parametrize(
    ("typed", "why"), [("", "0 characters"), ("0000-0000", "8 characters"), ("U" * 20, "no code has 'U'"), ("0" * 19 + "é", "no code has")]
)
def test_what_is_no_code_at_all_is_told_apart_from_a_slip(typed: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        rules.check_lookup_code(typed)
    assert "foot of any page" in refused.value.fix


def test_the_look_up_code_is_not_a_salt_anybody_publishes() -> None:
    leaf = rules.term_leaves(bytes(32), bytes(32), {"document.lookup_code": '"x"'})[0]
    number = int.from_bytes(leaf.salt[:12], "big")
    drawn = "".join(rules.LOOKUP_ALPHABET[number >> 5 * place & 31] for place in range(19))
    assert not rules.lookup_digits(rules.lookup_code(bytes(32), bytes(32))).startswith(drawn)


@given(codes)
def test_the_square_is_the_one_segno_draws(code: str) -> None:
    drawn = segno.make("SONANG:" + rules.lookup_digits(code), version=2, error="q", mask=qr.MASK, boost_error=False)
    assert [[int(one) for one in f"{row:025b}"] for row in qr.qr_rows(code)] == [[one & 1 for one in row] for row in drawn.matrix]


@given(st.integers(0, 2**25 - 1))
def test_the_dark_runs_of_a_row_are_all_of_it(row: int) -> None:
    text = ["0"] * 25
    for start, length in qr.runs(row):
        text[start : start + length] = "1" * length
    assert int("".join(text), 2) == row


def test_the_square_cannot_be_drawn_for_what_is_no_code() -> None:
    with pytest.raises(InputError):
        qr.qr_svg("0" * 20 + "1")
