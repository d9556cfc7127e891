"""What a service is: its deadline, what must be given, its steps, the documents they produce; dated configuration (`services.toml`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from ledger.errors import NotFoundError, RuleError

__all__ = [
    "CHANNELS",
    "KNOWN",
    "SERVICES_FILE",
    "Asked",
    "Deadline",
    "Field",
    "Produced",
    "Service",
    "Step",
    "When",
    "catalogue",
    "service_by_code",
    "service_on",
    "services_on",
    "unverified_on",
]

Sort = Literal["text", "count", "date", "choice", "flag", "phone", "email", "identity", "tax-code"]
SORTS: tuple[str, ...] = get_args(Sort)
Does = Literal["route", "check", "record", "draft", "sign", "close"]
DOES: tuple[str, ...] = get_args(Does)
Group = Literal["electronic", "review"]
GROUPS: tuple[str, ...] = get_args(Group)
Relation = Literal["contract", "new", "supersedes", "beside"]
RELATIONS: tuple[str, ...] = get_args(Relation)
Pausing = Literal["returned", "customer-signs", "customer-step"]
PAUSING: tuple[str, ...] = get_args(Pausing)
CHANNELS: Mapping[str, tuple[str, str]] = {
    "web": ("trang web", "web site"),
    "app": ("ứng dụng", "app"),
    "api": ("giao diện lập trình", "API"),
    "agent-phone": ("tổng đài viên", "agent on the phone"),
    "counter": ("quầy giao dịch", "counter"),
    "portal": ("cổng dịch vụ công", "public service portal"),
    "internal": ("nội bộ", "internal"),
}
"""How a request or an act of somebody came in, with its names, Vietnamese and English."""

KNOWN = ("request_code", "metering_point", "today", "due_day", "contract_number", "contract_date")
"""What is known of every request beside its fields: its code, the point, the day of the act, the day it is due, the contract's number."""

SERVICES_FILE = Path(__file__).with_name("services.toml")


@dataclass(frozen=True)
class When:
    """A condition: a field has one of these values."""

    field: str
    values: tuple[str | int | bool, ...]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it holds for what was given so far."""
        return values.get(self.field) in self.values


@dataclass(frozen=True)
class Field:
    """Something that can be given: a sort of value with its names.

    Attributes:
        choices: of a choice, each word with its names; empty otherwise.
        unit: what a count counts, for people; empty when it needs none.
        among: of a count, the only ones there are, each with its names; empty when any will do.
        least: of a count, the smallest there is.
        not_before: of a date, what it may not precede: another field, `today` when it is given, or the day the request was `received`;
            empty when any day will do.
    """

    name: str
    sort: str
    vi: str
    en: str
    choices: Mapping[str, tuple[str, str]]
    unit: str
    among: Mapping[int, tuple[str, str]]
    least: int = 0
    not_before: str = ""


@dataclass(frozen=True)
class Asked:
    """A field a service or a step asks for: always, under a condition, or if somebody has it."""

    field: Field
    required: bool
    when: When | None

    def needed(self, values: Mapping[str, object]) -> bool:
        """Whether it must be there, given the other values."""
        return self.required and (self.when is None or self.when.holds(values))


@dataclass(frozen=True)
class Deadline:
    """So many working days, under a condition or else."""

    days: int
    when: When | None
    vi: str
    en: str


@dataclass(frozen=True)
class Produced:
    """A document a step drafts.

    Attributes:
        kind: a name of `ledger.agreements.kinds.KINDS`.
        relation: the contract this request makes, a document of its own, the next version of the customer's contract, or one beside that.
        facts: fact of the kind → the field it is taken from, where their names differ; a text after `=` is the fact itself.
        changes: of an annex, each term of the contract that changes → the field with its new value.
        signed_by: the customer who asks, or the holder of the contract so far.
    """

    kind: str
    when: When | None
    relation: str
    facts: Mapping[str, str]
    changes: Mapping[str, str]
    signed_by: Literal["customer", "holder"]


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        does: what moves it on: `route` finds the unit, `check` looks at what was given, `record` writes down what was done, `draft` makes
            the documents, `sign` waits until all of them are signed and sealed, `close` ends the request.
        share: its part of the deadline, in proportion to the shares of the other steps that apply.
        by: whose work it is; a customer's step may stop the clock.
        role: the only role of staff whose work it is, an admin's aside; empty where any may do it.
    """

    code: str
    vi: str
    en: str
    does: str
    share: int
    by: Literal["utility", "customer"]
    when: When | None
    records: tuple[Asked, ...]
    documents: tuple[Produced, ...]
    role: str = ""


@dataclass(frozen=True)
class Service:
    """A service or a review as it stands for a while.

    Attributes:
        valid_from, valid_to: first day it is offered so, first day it no longer is (None: still offered).
        place: how the unit is found: by the customer's metering point, or by naming the unit.
        of_contract: whether it is about a contract the customer has.
        named_by: the field that holds the name of the party its documents are made with.
        pauses: what stops the clock.
        deadlines: the first whose condition holds counts; the last has none.
    """

    code: str
    group: str
    vi: str
    en: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    verify_by: datetime.date
    reference_vi: str
    reference_en: str
    place: Literal["metering-point", "unit"]
    of_contract: bool
    named_by: str
    pauses: frozenset[str]
    deadlines: tuple[Deadline, ...]
    inputs: tuple[Asked, ...]
    steps: tuple[Step, ...]

    def holds(self, date: datetime.date) -> bool:
        """Whether it is offered on a day."""
        return self.valid_from <= date and (self.valid_to is None or date < self.valid_to)

    def deadline(self, values: Mapping[str, object]) -> Deadline:
        """The deadline that counts for what is known so far."""
        return next(one for one in self.deadlines if one.when is None or one.when.holds(values))

    def applicable(self, values: Mapping[str, object]) -> tuple[Step, ...]:
        """The steps a request with these values goes through."""
        return tuple(step for step in self.steps if step.when is None or step.when.holds(values))

    def step(self, code: str) -> Step:
        """A step by its code.

        Raises:
            NotFoundError: there is none.
        """
        for step in self.steps:
            if step.code == code:
                return step
        raise NotFoundError(
            f"{self.code} has no step {code!r}", field="step", fix=f"give one of {', '.join(step.code for step in self.steps)}"
        )

    def kinds(self) -> tuple[str, ...]:
        """The kinds of document it may produce, in the order of its steps."""
        return tuple(dict.fromkeys(one.kind for step in self.steps for one in step.documents))

    def fields(self) -> Iterator[Field]:
        """Every field it asks for anywhere, once."""
        every = [asked.field for asked in self.inputs] + [asked.field for step in self.steps for asked in step.records]
        yield from {field.name: field for field in every}.values()


@cache
def catalogue() -> tuple[Service, ...]:
    """Every service and review, in the order of the file."""
    from ledger.services.reading import read_services  # noqa: PLC0415 - it imports this module

    return read_services(SERVICES_FILE)


def services_on(date: datetime.date, group: str | None = None) -> Sequence[Service]:
    """What is offered on a day, of one group or of both."""
    return [one for one in catalogue() if one.holds(date) and group in (None, one.group)]


def service_on(code: str, date: datetime.date, group: str | None = None) -> Service:
    """A service as offered on a day, of one group or of both.

    Raises:
        NotFoundError: no such service.
        RuleError: it is not offered on that day.
    """
    offered = [one for one in catalogue() if group in (None, one.group)]
    named = [one for one in offered if one.code == code]
    if not named:
        known = ", ".join(dict.fromkeys(one.code for one in offered))
        raise NotFoundError(f"no service {code!r}", field="service", fix=f"give one of {known}")
    for one in named:
        if one.holds(date):
            return one
    raise RuleError(
        f"{code} is not offered on {date}", field="service", fix="ask on a later day, or add the entry to ledger/services/services.toml"
    )


def service_by_code(code: str, valid_from: datetime.date) -> Service:
    """The entry a running request follows, even when a newer one has taken its place.

    Raises:
        NotFoundError: the entry was taken out of the file.
    """
    for one in catalogue():
        if (one.code, one.valid_from) == (code, valid_from):
            return one
    raise NotFoundError(
        f"no service {code!r} of {valid_from}",
        field="service",
        fix="restore the entry in ledger/services/services.toml: requests follow it",
    )


def unverified_on(date: datetime.date) -> Sequence[Service]:
    """What is offered although somebody should have looked at it again by now."""
    return [one for one in catalogue() if one.holds(date) and one.verify_by < date]
