"""What every kind of document asks of its facts, in words that name the field and the way out."""

from __future__ import annotations

from collections.abc import Collection

from ledger.errors import InputError, RuleError
from ledger.parties.tax_codes import tax_code_kept

LONGEST_TEXT = 240
"""Characters of one fact: what a clause can carry without becoming another document."""
LARGEST = 2**53 - 1
"""The largest whole number canonical JSON carries as a number."""


def check_text(text: object, field: str) -> None:
    """A text says something, on one line, within `LONGEST_TEXT`.

    Raises:
        InputError: it does not; names the field.
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError("empty", field=field, fix="write what belongs there")
    if not text.isprintable():
        raise InputError("has a line break or a character nobody sees", field=field, fix="write it on one line")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"{len(text)} characters", field=field, fix=f"say it in {LONGEST_TEXT} characters at most")


def check_texts(prefix: str = "", **texts: object) -> None:
    """`check_text` of several fields; `prefix` goes before their names, such as `items[2].`."""
    for name, text in texts.items():
        check_text(text, prefix + name)


def check_tax_code(text: object, field: str) -> None:
    """A tax code, with or without the hyphen before a branch's last three digits.

    Raises:
        InputError: it is none; names the field.
    """
    check_text(text, field)
    tax_code_kept(str(text), field)


def check_choice(value: object, choices: Collection[str], field: str) -> str:
    """One of the words that are known.

    Raises:
        InputError: it is none of them; lists them.
    """
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"no {field.rsplit('.', 1)[-1]} {value!r}", field=field, fix=f"give one of {', '.join(choices)}")
    return value


def check_whole(value: object, field: str, *, least: int = 0, most: int = LARGEST) -> int:
    """A whole number within bounds, both included.

    Raises:
        InputError: another type (a bool too) or out of bounds.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"not a whole number: {value!r}"[:120], field=field, fix="give a whole number in the unit its name ends in")
    if not least <= value <= most:
        raise InputError(f"{value} is out of bounds"[:120], field=field, fix=f"give a whole number from {least} to {most}")
    return value


def check_count(rows: object, field: str, *, least: int, most: int) -> None:
    """A list of so many rows.

    Raises:
        InputError: another type, too few or too many.
    """
    if not isinstance(rows, tuple) or not least <= len(rows) <= most:
        have = len(rows) if isinstance(rows, tuple) else "no list"
        raise InputError(f"{have} given", field=field, fix=f"give {least} to {most}")


def check_follows(predecessor: bytes | None) -> None:
    """A document that stands beside a contract names it.

    Raises:
        RuleError: it names none.
    """
    if predecessor is None:
        raise RuleError("it follows no contract", field="predecessor", fix="name the contract it belongs to")


def check_lasts(valid_from: int, contract_until: int | None) -> None:
    """What only makes sense while there is a contract begins before that is over.

    Raises:
        RuleError: the contract's term has ended by then.
    """
    if contract_until is not None and valid_from >= contract_until:
        fix = f"begin before {contract_until}, or renew the contract first"
        raise RuleError("the contract is over by then", field="valid_from", fix=fix)
