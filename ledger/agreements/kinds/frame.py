"""What a document of any kind says before its own facts: which one it is, between whom, from when, of what date, on which template."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar, cast

from ledger.agreements.kinds.days import OPEN_END
from ledger.agreements.kinds.templates import template_digest
from ledger.agreements.kinds.wording import date_en, date_vi, moment_en, moment_vi
from ledger.agreements.rules import local_date, local_moment
from ledger.errors import InputError
from ledger.law.entries import law_on
from ledger.protocol.quantities import hex0x

F = TypeVar("F")
Pairs = dict[str, tuple[str, str]]
"""The Vietnamese and the English form of what the two languages write differently, by name."""
LAWS: Final[Mapping[str, str]] = {"personal_data": "personal-data", "retention": "retention", "signature": "electronic-signature"}
"""What every document refers to: the name after `law.` in its terms, and the topic in `ledger/law/law.toml`."""
STANDS_FOR: Final[Mapping[str, tuple[str, ...]]] = {"customer": ("customer", "owner"), "owner": ("owner", "customer")}
"""Who may sign at a place: a roof's owner buys power, and who buys power sells a surplus. The utility's place is its own only."""


@dataclass(frozen=True)
class Named:
    """A party as a document names it."""

    id: bytes
    name: str


@dataclass(frozen=True)
class Frame:
    """The frame of one document.

    Attributes:
        lookup_code: printed on every page.
        parties: in the order of signing.
        valid_from: first second it is in force, Unix.
        dated_s: the date the document bears, which chooses the law; Unix.
        supersedes: the agreement it replaces, or None.
        predecessor: the document it follows and stands beside, or None.
        contract_from: first second of the contract it stands beside, whichever of its versions it follows; None where it follows nothing.
        contract_until: first second at which the version it follows is over by its own term; None likewise.
    """

    id: bytes
    lookup_code: str
    parties: tuple[Named, ...]
    valid_from: int
    dated_s: int
    supersedes: bytes | None
    time_zone: str
    predecessor: bytes | None = None
    contract_from: int | None = None
    contract_until: int | None = None

    def date(self) -> datetime.date:
        """The date on the document."""
        return local_date(self.dated_s, self.time_zone)


def _open_end(_frame: Frame, _facts: object) -> int:
    return OPEN_END


@dataclass(frozen=True)
class Kind(Generic[F]):
    """A kind of document.

    Attributes:
        name: its name; the chain holds the keccak.
        version: counts up whenever its template or its terms change meaning.
        title_vi, title_en: what it is called above its text.
        facts: the dataclass of what is particular to one document.
        own_terms: the fields of its own, by path; raises InputError or RuleError for what makes no sense or the law forbids.
        pairs: from all terms, what its template prints differently in Vietnamese and English.
        valid_to: the first second it is no longer in force; `OPEN_END` when not given.
        signs: the role of each party, in the order of signing; the last is the utility.
        named: what the terms call the parties (`seller.name`, `seller.party`); their roles when not given.
        laws: law it refers to beside `LAWS`: the name after `law.` in its terms, and the topic.
        customers: how many parties may stand at the first place; the terms number them from the second on (`customer.2.name`).
        replaces: kinds it may supersede beside its own, such as the contract an annex amends.
        follows: kinds one of which it stands beside; empty where it stands alone or beside any.
        fixed_pages: how many of its last pages are the same in every document of this template, but for code and page number.
    """

    name: str
    version: int
    title_vi: str
    title_en: str
    facts: type[F]
    own_terms: Callable[[Frame, F], dict[str, object]]
    pairs: Callable[[Mapping[str, object]], Pairs]
    valid_to: Callable[[Frame, F], int] = _open_end
    signs: tuple[str, ...] = ("customer", "utility")
    named: tuple[str, ...] = ()
    laws: Mapping[str, str] = field(default_factory=dict)
    customers: int = 1
    replaces: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    fixed_pages: int = 0

    @property
    def template(self) -> str:
        """The name of the file beside this module that its pages are made from."""
        return f"{self.name.replace('-', '_')}.typ"

    def check_roles(self, roles: Sequence[str]) -> None:
        """Passes when parties of these roles, in this order, may sign it.

        Raises:
            InputError: too few, too many, or one of them at a place of another role.
        """
        fits = 0 <= len(roles) - len(self.signs) < self.customers and all(
            role in STANDS_FOR.get(at, (at,)) for role, at in zip(roles, self.roles(len(roles)), strict=True)
        )
        if not fits:
            raise InputError(
                f"{self.name} between {', '.join(roles)}",
                field="parties",
                fix=f"name parties of these roles in order: {', '.join(self.signs)}",
            )

    def roles(self, parties: int) -> tuple[str, ...]:
        """The role each of so many parties signs in, in the order of signing: where several customers sign, they are all the first."""
        return (*self.signs[:1] * (parties - len(self.signs)), *self.signs)

    def called(self, parties: int) -> tuple[str, ...]:
        """What the terms call so many parties, in the order of signing."""
        first, *others = self.named or self.signs
        return (first, *(f"{first}.{place}" for place in range(2, parties - len(others) + 1)), *others)

    def template_digest(self) -> bytes:
        """SHA-256 of everything that makes its pages but the terms."""
        return template_digest(self.template, self.name, self.version)

    def terms(self, frame: Frame, facts: F) -> dict[str, object]:
        """Every field it agrees on, by path.

        Raises:
            InputError, RuleError: a fact makes no sense, or the law forbids it.
        """
        if not 0 <= len(frame.parties) - len(self.signs) < self.customers:
            raise InputError(f"{len(frame.parties)} parties", field="parties", fix=f"name {', '.join(self.named or self.signs)}")
        if not isinstance(facts, self.facts):
            raise InputError(f"facts of another kind: {type(facts).__name__}", field="facts", fix=f"give {self.facts.__name__}")
        terms = self.own_terms(frame, facts) | self._frame_terms(frame)
        for name, topic in sorted({**LAWS, **self.laws}.items()):
            law = law_on(topic, frame.date())
            terms[f"law.{name}"] = [law.reference_vi, law.reference_en]
        terms["retention.years_after_end"] = law_on("retention", frame.date()).number("years_after_end")
        return terms | {"validity.to": self.valid_to(frame, facts)}

    def wording(self, terms: Mapping[str, object]) -> dict[str, str]:
        """What the template prints: every term under its path, and with `.vi` and `.en` the forms that differ between the languages."""
        zone = str(terms["validity.time_zone"])
        pairs = {"title": (self.title_vi, self.title_en)} | _frame_pairs(terms, zone) | self.pairs(terms)
        words = {path: str(value) for path, value in terms.items() if isinstance(value, int | str)}
        for path in ("document.predecessor", "document.supersedes"):
            words[path] = str(terms.get(path) or "")
        words["document.author"] = words[f"{(self.named or self.signs)[-1]}.name"]
        begins = local_date(cast(int, terms["validity.from"]), zone)
        words["replay"] = "yes" if str(terms["document.date"]) > begins.isoformat() else ""
        return words | {f"{name}.vi": vi for name, (vi, _) in pairs.items()} | {f"{name}.en": en for name, (_, en) in pairs.items()}

    def _frame_terms(self, frame: Frame) -> dict[str, object]:
        terms: dict[str, object] = {
            "document.date": frame.date().isoformat(),
            "document.id": hex0x(frame.id),
            "document.kind": self.name,
            "document.lookup_code": frame.lookup_code,
            "document.supersedes": None if frame.supersedes is None else hex0x(frame.supersedes),
            "document.template": hex0x(self.template_digest()),
            "document.version": self.version,
            "validity.from": frame.valid_from,
            "validity.time_zone": frame.time_zone,
        }
        if frame.predecessor is not None:
            terms["document.predecessor"] = hex0x(frame.predecessor)
        for name, party in zip(self.called(len(frame.parties)), frame.parties, strict=True):
            terms[f"{name}.name"], terms[f"{name}.party"] = party.name, hex0x(party.id)
        return terms


def _frame_pairs(terms: Mapping[str, object], zone: str) -> Pairs:
    date = datetime.date.fromisoformat(str(terms["document.date"]))
    starts, ends = (local_moment(cast(int, terms[f"validity.{end}"]), zone) for end in ("from", "to"))
    pairs: Pairs = {
        "date": (date_vi(date), date_en(date)),
        "from": (moment_vi(starts), moment_en(starts)),
        "to": (moment_vi(ends), moment_en(ends)),
    }
    for path, value in terms.items():
        if path.startswith("law."):
            vi, en = cast(list[str], value)
            pairs[path] = (vi, en)
    return pairs
