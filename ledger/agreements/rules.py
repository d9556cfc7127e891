"""What is true of agreements whoever asks: names of kinds, look-up codes, trees of terms, terms in years."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.errors import InputError
from ledger.protocol.canonical import canonical_json
from ledger.protocol.keccak import keccak
from ledger.protocol.leaves import TermLeaf, term_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import check_time

LOOKUP_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to be misread on paper."""
LOOKUP_LENGTH = 20
"""Characters of a look-up code: 19 that were drawn and one that checks them."""
LOOKUP_SCHEME = "SONANG:"
"""What precedes the code in a QR code."""
_SLIPS = str.maketrans("OIL", "011", "- ")
OPEN_END: Final = 253_402_214_400
"""31 December 9999, 00:00 UTC: the end of what has none, such as minutes of what happened, at a moment every calendar still prints."""
REVOCATION_REASONS = ("court-order", "entered-in-error", "fraud", "law-changed", "party-deceased")
"""Public codes of a revocation; the chain holds the keccak of one."""


def kind_id(kind: str) -> bytes:
    """The 32 bytes the chain knows a kind of document by: keccak-256 of its name."""
    return keccak(kind.encode())


def reason_id(reason: str) -> bytes:
    """The 32 bytes the chain knows a reason for a revocation by.

    Raises:
        InputError: no such public code.
    """
    if reason not in REVOCATION_REASONS:
        raise InputError(f"no such reason {reason!r}", field="reason", fix=f"give one of {', '.join(REVOCATION_REASONS)}")
    return keccak(reason.encode())


def reason_name(identifier: bytes) -> str | None:
    """The public code behind the chain's 32 bytes; None when it is none of ours."""
    return next((reason for reason in REVOCATION_REASONS if keccak(reason.encode()) == identifier), None)


def lookup_code(owner_key: bytes, agreement: bytes) -> str:
    """The code printed on every page: 95 bits only the document's holders know, so that neither the code nor the document's digest
    can be found by guessing names (docs/decisions/lookup-codes.md), and a check character. Four characters a group.
    """
    number = int.from_bytes(term_salt(owner_key, agreement, "document.lookup_code/derive")[:12], "big")
    drawn = [number >> 5 * place & 31 for place in range(LOOKUP_LENGTH - 1)]
    return _grouped([*drawn, _check_digit(drawn)])


def check_lookup_code(text: str) -> str:
    """A look-up code as it is printed, from what a person typed or a QR code said: case, spaces and hyphens do not matter, and the usual
    slips of reading (O for 0, I or L for 1) are undone.

    Raises:
        InputError: another length, a character no code has, or one that is wrong or has changed places with another.
    """
    letters = text.strip().upper().removeprefix(LOOKUP_SCHEME).translate(_SLIPS)
    wrong = sorted(set(letters) - set(LOOKUP_ALPHABET))
    fix = "read it again from the foot of any page: five groups of four characters"
    if wrong:
        raise InputError(f"no code has {wrong[0]!r}", field="code", fix=fix)
    if len(letters) != LOOKUP_LENGTH:
        raise InputError(f"{len(letters)} characters, a code has {LOOKUP_LENGTH}", field="code", fix=fix)
    digits = [LOOKUP_ALPHABET.index(one) for one in letters]
    if digits[-1] != _check_digit(digits[:-1]):
        raise InputError("a character is wrong, or two changed places", field="code", fix=fix)
    return _grouped(digits)


def lookup_digits(code: str) -> str:
    """The characters of a look-up code alone, as a QR code holds them; raises InputError as `check_lookup_code`."""
    return check_lookup_code(code).replace("-", "")


def _check_digit(drawn: Sequence[int]) -> int:
    """The sum of the digits, each times its own power of x, in the field of 32 elements (x⁵ = x² + 1).

    No two powers below the 31st are equal, so a wrong digit and two digits that changed places, near or far, always change the sum.
    """
    total = 0
    for digit in drawn:
        total = _times_x(total ^ digit)
    return total


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def _grouped(digits: Sequence[int]) -> str:
    letters = "".join(LOOKUP_ALPHABET[digit] for digit in digits)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def term_leaves(owner_key: bytes, agreement: bytes, values: Mapping[str, str]) -> tuple[TermLeaf, ...]:
    """The leaves of the terms, in the order of their paths; values are canonical JSON text."""
    return tuple(TermLeaf(agreement, path, values[path], term_salt(owner_key, agreement, path)) for path in sorted(values))


def terms_root(leaves: Sequence[TermLeaf]) -> bytes:
    """The root that is signed and recorded."""
    return merkle_root([leaf.leaf_hash() for leaf in leaves])


def canonical_values(terms: Mapping[str, object]) -> dict[str, str]:
    """Each term as canonical JSON text.

    Raises:
        ProtocolError: a value has no canonical form, for example a fraction.
    """
    return {path: canonical_json(value).decode() for path, value in terms.items()}


def offset_zone(utc_offset_s: int) -> str:
    """The name of a zone of one fixed offset, in seconds east of UTC, such as `UTC+07:00`."""
    return str(datetime.timezone(datetime.timedelta(seconds=utc_offset_s)))


def local_date(moment: int, time_zone: str) -> datetime.date:
    """The calendar date of a moment, Unix seconds, in a time zone: an IANA name or one of `offset_zone`.

    Raises:
        InputError: no such time zone, or a moment no calendar reaches.
    """
    return local_moment(moment, time_zone).date()


def years_later(moment: int, years: int, time_zone: str) -> int:
    """The same local date and time so many years on, Unix seconds; 29 February becomes 28 February where there is none.

    Raises:
        InputError: as `local_date`.
    """
    local = local_moment(moment, time_zone)
    try:
        later = local.replace(year=local.year + years)
    except ValueError:
        if local.year + years > datetime.MAXYEAR:
            raise InputError(f"{moment} is beyond every calendar", field="valid_from", fix="give a moment of this millennium") from None
        later = local.replace(year=local.year + years, day=28)
    return int(later.timestamp())


def local_moment(moment: int, time_zone: str) -> datetime.datetime:
    """The calendar date and time of a moment, as `local_date`."""
    try:
        fixed = time_zone.startswith(("UTC+", "UTC-"))
        zone = datetime.datetime.strptime(time_zone, "UTC%z").tzinfo if fixed else ZoneInfo(time_zone)
        return datetime.datetime.fromtimestamp(check_time(moment, "moment"), zone)
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        raise InputError(
            f"no date for {moment} in {time_zone!r}", field="time_zone", fix="give a name such as Asia/Ho_Chi_Minh or UTC+07:00"
        ) from None
