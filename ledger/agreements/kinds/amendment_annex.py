"""`amendment-annex`: some terms of a contract change. The annex becomes the version in force, so it carries every term changed so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from ledger.agreements.kinds.amendable import AMENDABLE, UNTIL, Value, amendable, read_value, shown_value
from ledger.agreements.kinds.checks import check_choice, check_count, check_texts, check_whole
from ledger.agreements.kinds.days import OPEN_END, check_day
from ledger.agreements.kinds.figures import day_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import SUPPLIES
from ledger.errors import InputError, RuleError

NAME = "amendment-annex"
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "capacity-change": ("thay đổi công suất sử dụng điện", "change of capacity"),
    "meter-position": ("thay đổi vị trí đo đếm", "change of the meter’s position"),
    "purpose-change": ("thay đổi mục đích sử dụng điện", "change of the purpose of use"),
    "household-norm": ("thay đổi định mức hộ", "change of the household norm"),
    "details-change": ("thay đổi thông tin đăng ký", "change of registered details"),
    "payment-method": ("thay đổi hình thức thanh toán", "change of the method of payment"),
    "renewal": ("gia hạn hợp đồng", "renewal of the contract"),
}
_CARRIED = "amended."


@dataclass(frozen=True)
class TermChange:
    """One term before and after, as text; numbers in decimal digits.

    Attributes:
        path: which term. `old`, `new`: what it says now; what it is to say.
    """

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class CarriedTerm:
    """A term an earlier annex changed and this one leaves as it is.

    Attributes:
        path: which term. `value`: what it says since then.
    """

    path: str
    value: str


@dataclass(frozen=True)
class AmendmentFacts:
    """What changes from the document's first second in force.

    Attributes:
        contract_number, contract_date: the utility's number of the contract; the date it bears, `2026-07-06`.
        annex_number: 1 for the contract's first annex.
        reason: one of `REASONS`.
        changes: each term that changes, a path of `AMENDABLE`.
        until: the first second the contract is no longer in force, Unix; of a renewal the new one.
        carried: what earlier annexes changed, so that this one with the contract says all (`carried_from`).
    """

    contract_number: str
    contract_date: str
    annex_number: int
    reason: str
    changes: tuple[TermChange, ...]
    until: int
    carried: tuple[CarriedTerm, ...] = ()


def consolidated(versions: Sequence[Mapping[str, object]]) -> dict[str, Value]:
    """Every amendable term of a contract as it stands after its annexes.

    Args:
        versions: all terms by path of the contract and then of each annex, in order.
    """
    now: dict[str, Value] = {}
    for terms in versions:
        carried = {path.removeprefix(_CARRIED): value for path, value in terms.items() if path.startswith(_CARRIED)}
        stated = {path: terms[path] for path in AMENDABLE if path in terms} | carried
        now |= {path: value for path, value in stated.items() if isinstance(value, int | str)}
    return now


def carried_from(latest: Mapping[str, object], changes: Sequence[TermChange]) -> tuple[CarriedTerm, ...]:
    """What an annex with these changes carries on from all terms of the version it supersedes; nothing after the contract itself."""
    changed = {change.path for change in changes}
    carried = {path.removeprefix(_CARRIED): str(value) for path, value in latest.items() if path.startswith(_CARRIED)}
    return tuple(CarriedTerm(path, value) for path, value in sorted(carried.items()) if path not in changed)


def changes_to(current: Mapping[str, Value], wanted: Mapping[str, Value]) -> tuple[TermChange, ...]:
    """The changes from the terms as they stand (`consolidated`) to the wanted ones; what stays is left out.

    Raises:
        RuleError: a term that no annex changes, or one the contract does not have.
    """
    for path in wanted:
        amendable(path, path)
        if path not in current:
            raise RuleError(f"the contract has no term {path}", field=path, fix=f"give one of {', '.join(sorted(current))}")
    return tuple(TermChange(path, str(current[path]), str(new)) for path, new in sorted(wanted.items()) if str(current[path]) != str(new))


def _valid_to(frame: Frame, facts: AmendmentFacts) -> int:
    return check_whole(facts.until, "until", least=frame.valid_from + 1, most=OPEN_END)


def _check(frame: Frame, facts: AmendmentFacts) -> None:
    if frame.supersedes is None:
        raise RuleError("it amends no contract", field="supersedes", fix="name the version of the contract it changes")
    check_texts(contract_number=facts.contract_number)
    if check_day(facts.contract_date, "contract_date") > frame.date():
        raise RuleError("the contract is younger than its annex", field="contract_date", fix="give the date the contract bears")
    check_whole(facts.annex_number, "annex_number", least=1, most=1000)
    check_choice(facts.reason, REASONS, "reason")
    _valid_to(frame, facts)
    check_count(facts.changes, "changes", least=1, most=len(AMENDABLE))
    check_count(facts.carried, "carried", least=0, most=len(AMENDABLE))
    seen: set[str] = set()
    listed: dict[str, Sequence[TermChange | CarriedTerm]] = {"changes": facts.changes, "carried": facts.carried}
    for field, rows in listed.items():
        for place, row in enumerate(rows):
            at = f"{field}[{place}]."
            amendable(row.path, at + "path")
            if row.path in seen:
                raise RuleError(f"{row.path} stands twice", field=at + "path", fix="give each term once, changed or carried")
            seen.add(row.path)
            _check_row(row, at)
    _check_until(facts)


def _check_row(row: TermChange | CarriedTerm, at: str) -> None:
    if isinstance(row, CarriedTerm):
        read_value(row.path, row.value, at + "value")
    elif read_value(row.path, row.old, at + "old") == read_value(row.path, row.new, at + "new"):
        raise InputError(f"{row.path} stays as it was", field=at + "new", fix="give the new value, or leave the change out")


def _check_until(facts: AmendmentFacts) -> None:
    """The end it names is the end it is in force until, and a renewal moves it."""
    ends = [int(change.new) for change in facts.changes if change.path == UNTIL]
    ends += [int(term.value) for term in facts.carried if term.path == UNTIL]
    if ends and ends[0] != facts.until:
        raise RuleError(f"{UNTIL} becomes {ends[0]}", field="until", fix=f"give {ends[0]}, or another {UNTIL}")
    if facts.reason == "renewal" and all(change.path != UNTIL for change in facts.changes):
        raise RuleError("a renewal that does not move the end", field="changes", fix=f"change {UNTIL} too, or give another reason")


def _own_terms(frame: Frame, facts: AmendmentFacts) -> dict[str, object]:
    _check(frame, facts)
    terms: dict[str, object] = {
        "annex.number": facts.annex_number,
        "annex.reason": facts.reason,
        "contract.date": facts.contract_date,
        "contract.number": facts.contract_number,
        **{_CARRIED + row.path: read_value(row.path, row.value, row.path) for row in facts.carried},
    }
    for number, change in enumerate(facts.changes, start=1):
        new = read_value(change.path, change.new, change.path)
        terms[f"change.{number}.path"] = change.path
        terms[f"change.{number}.old"] = read_value(change.path, change.old, change.path)
        terms[f"change.{number}.new"] = terms[_CARRIED + change.path] = new
    return terms


def _pairs(terms: Mapping[str, object]) -> Pairs:
    zone = str(terms["validity.time_zone"])
    pairs = {"reason": word_pair(REASONS, terms["annex.reason"]), "contract_date": day_pair(terms["contract.date"])}
    changed: set[str] = set()
    while (at := f"change.{len(changed) + 1}") + ".path" in terms:
        path = str(terms[f"{at}.path"])
        changed.add(path)
        pairs[f"{at}.name"] = AMENDABLE[path].vi, AMENDABLE[path].en
        for side in ("old", "new"):
            pairs[f"{at}.{side}"] = shown_value(path, cast(Value, terms[f"{at}.{side}"]), zone)
    stand = sorted(path.removeprefix(_CARRIED) for path in terms if path.startswith(_CARRIED))
    for number, path in enumerate((path for path in stand if path not in changed), start=1):
        pairs[f"carried.{number}.name"] = AMENDABLE[path].vi, AMENDABLE[path].en
        pairs[f"carried.{number}.value"] = shown_value(path, cast(Value, terms[_CARRIED + path]), zone)
    return pairs


KIND = Kind[AmendmentFacts](
    name=NAME,
    version=1,
    title_vi="Phụ lục sửa đổi, bổ sung hợp đồng",
    title_en="Annex amending the contract",
    laws={"contract": "civil-contract", "supply": "electricity-supply"},
    facts=AmendmentFacts,
    valid_to=_valid_to,
    own_terms=_own_terms,
    pairs=_pairs,
    replaces=SUPPLIES,
)
