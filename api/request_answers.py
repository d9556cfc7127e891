"""What answers say of services and requests. Nothing of a customer is in them but where it is asked for by name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes32, Count, Time
from ledger.agreements.drafts import REASON_LIMIT
from ledger.services.model import Request
from ledger.services.queries import signing
from ledger.services.shown import brief, full
from ledger.services.signatures import Paper, customers_words
from ledger.services.twice import alike
from ledger.services.verbs import customers_verbs_of

__all__ = ["ActBody", "CounterBody", "GivenAnswer", "RequestAnswer", "RequestBody", "RequestDetail", "ServiceAnswer"]

Names = Field(description="Vietnamese and English.", examples=[["gia hạn hợp đồng", "renewal of the contract"]], min_length=2, max_length=2)
Numbers = Field(description="The request's number.", ge=1, examples=[12])
StepCode = Field(description="Code of a step; null once it has ended.", examples=["check"])
Value = Annotated[object, WithJsonSchema({"anyOf": [{"type": each} for each in ("string", "integer", "boolean", "null")]})]
"""Of the sort its field has: what is of another is refused by the field's name, not by the form of the body."""
Values = Field(description="Values by the field's name.", examples=[{"contract_until": "2031-12-31"}])


class UsedTime(Answer):
    """Working time: office hours in which the clock ran."""

    used_s: Count = Field(description="Working seconds used.", examples=[14_400])
    allowed_s: Count = Field(description="Working seconds allowed.", examples=[86_400])
    percent: Count = Field(description="The part used; above 100 when late.", examples=[16])
    due: Time = Field(description="When it is over; as of when the clock stopped while it stands still.")
    paused: bool = Field(description="Whether the clock stands still.", examples=[False])
    late: bool = Field(description="Whether more was used than allowed.", examples=[False])


class AskedField(Answer):
    """Something a service or a step asks for."""

    name: str = Field(examples=["contract_until"])
    sort: Literal["text", "count", "date", "choice", "flag", "phone", "email", "identity", "tax-code"] = Field(examples=["date"])
    names: list[str] = Names
    choices: dict[str, list[str]] = Field(description="Words of a choice, or the only counts there are, with their names.", examples=[{}])
    unit: str | None = Field(description="What a count counts.", examples=[None])
    among: list[int] = Field(description="The only counts there are; empty when any will do.", examples=[[]])
    required: bool = Field(examples=[True])
    when: str | None = Field(description="Asked for only under this condition.", examples=["purpose=business"])


class ServiceDeadline(Answer):
    """So many working days, under a condition or else."""

    days: int = Field(ge=1, examples=[3])
    when: str | None = Field(examples=[None])
    names: list[str] = Names


class ProducedDocument(Answer):
    """A document a step drafts."""

    kind: str = Field(examples=["amendment-annex"])
    relation: str = Field(description="contract, new, supersedes or beside.", examples=["supersedes"])
    when: str | None = Field(examples=[None])


class ServiceStep(Answer):
    """A step of a service."""

    step: str = Field(examples=["check"])
    names: list[str] = Names
    does: str = Field(description="route, check, record, draft, sign or close.", examples=["check"])
    by: str = Field(description="utility or customer.", examples=["utility"])
    share: Count = Field(description="Its part of the deadline, in proportion to the others'.", examples=[20])
    when: str | None = Field(examples=[None])
    records: list[AskedField]
    documents: list[ProducedDocument]


class ServiceAnswer(Answer):
    """A service or an internal review, as offered today."""

    code: str = Field(examples=["renewal"])
    group: Literal["electronic", "review"] = Field(examples=["electronic"])
    names: list[str] = Names
    valid_from: str = Field(examples=["2025-02-01"])
    verify_by: str = Field(description="When somebody must look at its rules again.", examples=["2027-06-30"])
    reference: list[str] = Field(description="The legal reference.", examples=[["Luật Điện lực", "Electricity Law"]])
    place: str = Field(description="metering-point or unit: how the unit is found.", examples=["metering-point"])
    pauses: list[str] = Field(description="What stops the clock.", examples=[["returned"]])
    deadlines: list[ServiceDeadline]
    inputs: list[AskedField]
    steps: list[ServiceStep]


class RequestAnswer(Answer):
    """A request in a list."""

    number: int = Numbers
    code: str = Field(description="What documents and people call it.", examples=["PA01HH-2026-000012"])
    id: Bytes32
    service: str = Field(examples=["renewal"])
    group: Literal["electronic", "review"] = Field(examples=["electronic"])
    service_names: list[str] = Names
    state: Literal["open", "returned", "closed", "rejected", "withdrawn"] = Field(examples=["open"])
    step: str | None = StepCode
    step_names: list[str] | None = Names
    unit: str | None = Field(description="The unit that handles it; null until it was routed.", examples=["PA01HH"])
    channel: str = Field(description="How it came in.", examples=["counter"])
    received: Time
    deadline_days: int = Field(ge=1, examples=[3])
    version: int = Field(description="Counts its acts; give it as `seen` to act.", ge=1, examples=[4])
    step_late: bool = Field(description="Whether its step took longer than its share of the deadline.", examples=[False])
    time: UsedTime

    @classmethod
    def of(cls, request: Request, now: int) -> RequestAnswer:
        """The answer about a request."""
        return cls.model_validate(_timed(brief(request, now)))


class Lane(Answer):
    """A step it stood at, or one still ahead."""

    step: str = Field(examples=["check"])
    names: list[str] = Names
    began: Time | None
    ended: Time | None
    ended_as: str | None = Field(description="The verb that ended it.", examples=["accept"])
    time: UsedTime | None


class PauseAnswer(Answer):
    """A time the clock stood still."""

    why: Literal["returned", "customer-signs", "customer-step"] = Field(examples=["returned"])
    began: Time
    ended: Time | None


class RequestPaper(Answer):
    """A document made for it."""

    agreement: Bytes32
    lookup_code: str | None = Field(description="The code on its pages; null once it was erased.", examples=["4Q7X-9D2K-M3PA-7RTB-0WZ5"])
    erased: bool = Field(description="Whether it was erased, when the law no longer asked to keep it.", examples=[False])
    kind: str = Field(examples=["amendment-annex"])
    step: str = Field(examples=["draft"])
    sealed: bool = Field(examples=[True])
    dropped: bool = Field(description="Whether it no longer counts.", examples=[False])
    state: Paper = Field(
        description="Sealed waits for the chain, recorded is there; refused and ended have to be seen to.", examples=["recorded"]
    )


class ActAnswer(Answer):
    """Something done about it."""

    version: int = Field(ge=1, examples=[3])
    verb: str = Field(examples=["accept"])
    step: str = Field(examples=["check"])
    who: Literal["customer", "staff", "system"] = Field(examples=["staff"])
    channel: str = Field(examples=["internal"])
    at: Time


class RequestDetail(RequestAnswer):
    """A request's timeline: no name, no value, no reason anybody wrote."""

    missing: list[str] = Field(description="Fields the customer still has to give.", examples=[["contract_until"]])
    may: list[str] = Field(description="What who asks may do now, what moves it on first.", examples=[["accept", "hand-back"]])
    asks: list[AskedField] = Field(description="What the step writes down.")
    facts_missing: dict[str, list[str]] = Field(
        description="Facts nobody gave yet, by kind of document.", examples=[{"connection-plan": ["boundary"]}]
    )
    contract_code: str | None = Field(
        description="Look-up code of the contract it is about; null without one, and once that was erased.",
        examples=["4Q7X-9D2K-M3PA-7RTB-0WZ5"],
    )
    contract_erased: bool = Field(description="Whether that contract was erased.", examples=[False])
    waits_for: Literal["customer", "utility"] | None = Field(description="Whose signature is next.", examples=[None])
    stuck: list[str] = Field(description="Documents that came to nothing, each with why and what to do.", examples=[[]])
    alike: list[int] = Field(
        description="Numbers of running requests for the same service at the same metering point; the second may be meant.", examples=[[]]
    )
    steps: list[Lane]
    pauses: list[PauseAnswer]
    documents: list[RequestPaper]
    acts: list[ActAnswer]

    @classmethod
    def in_full(cls, session: Session, request: Request, now: int, *, customers: bool = False) -> RequestDetail:
        """The answer about a request and its timeline; `customers`: with what its customer may do instead of staff."""
        told = _timed(full(session, request, now))
        if customers:
            told["may"] = list(customers_verbs_of(request))
            told["stuck"] = customers_words(signing(session, request))
            told["alike"] = [one.number for one in alike(request, customers=True)]
        own = {name: told[name] for name in cls.model_fields if name in told}
        own["missing"] = [one["name"] for one in told["missing"]]
        own["asks"] = told["asks"]
        own["steps"] = [_renamed(_timed(one), "began", "ended") for one in told["steps"]]
        own["pauses"] = [_renamed(one, "began", "ended") for one in told["pauses"]]
        own["acts"] = [{k: v for k, v in _renamed(one, "at").items() if k in ActAnswer.model_fields} for one in told["acts"]]
        return cls.model_validate(own)


class GivenAnswer(Answer):
    """What was given and written down: personal data."""

    values: dict[str, str | int | bool] = Values
    facts: dict[str, dict[str, Any]] = Field(description="Facts of documents, by their kind.", examples=[{}])
    metering_point: str | None = Field(examples=["PA01HH0000001001"])
    notes: list[str] = Field(description="What was noted at its acts, in order.", examples=[["", "thiếu giấy tờ"]])


class RequestBody(Answer):
    """A request. What is missing may be given later."""

    service: str = Field(examples=["renewal"])
    metering_point: str | None = Field(default=None, description="The customer's code or the metering point's.", examples=["PA01HH0000001"])
    unit: str | None = Field(default=None, description="The unit, where there is no metering point yet.", examples=[None])
    contract: str | None = Field(default=None, description="Look-up code of the contract it is about.", examples=[None])
    channel: str = Field(
        default="api",
        description="web, app, api, agent-phone, counter or portal; a review is internal and nothing else, by itself.",
        examples=["portal"],
    )
    given: dict[str, Value] = Field(default={}, description="Values by the field's name.", examples=[{"phone": "0912345678"}])


class CounterBody(RequestBody):
    """A request as staff take it in."""

    party: str | None = Field(default=None, description="The customer's code, where they are known here.", examples=["PA01HH0000001"])


class ActBody(Answer):
    """An act on a request."""

    verb: str = Field(description="One of the request's `may`.", examples=["give"])
    seen: int = Field(description="The version you looked at; refused when somebody acted since.", ge=1, examples=[2])
    channel: str = Field(default="api", examples=["agent-phone"])
    given: dict[str, Value] = Field(default={}, examples=[{"phone": "0912345678"}])
    facts: dict[str, dict[str, Any]] = Field(default={}, description="Facts of documents, by their kind; `*` for all.", examples=[{}])
    reason: str = Field(default="", max_length=REASON_LIMIT, description="Why; of what is handed or goes back, or ends.", examples=[""])
    step: str = Field(default="", description="The step to go back to.", examples=[""])
    unit: str | None = Field(default=None, description="The unit to assign to.", examples=[None])
    contract: str | None = Field(default=None, description="Look-up code of the contract.", examples=[None])
    beside: list[str] = Field(default=[], description="Codes of other customers who sign, where several do.", examples=[[]])
    begins_s: int | None = Field(
        default=None,
        ge=0,
        lt=2**53,
        description="First second in force of the documents, Unix; else as the service has it.",
        examples=[None],
    )


def _timed(told: dict[str, Any]) -> dict[str, Any]:
    """The same with moments under the names answers have."""
    made = _renamed(told, "received")
    if isinstance(made.get("time"), dict):
        made["time"] = _renamed(made["time"], "due")
    return made


def _renamed(told: dict[str, Any], *moments: str) -> dict[str, Any]:
    return {next((name for name in moments if key == f"{name}_s"), key): value for key, value in told.items()}
