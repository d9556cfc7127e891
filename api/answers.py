"""The values answers are made of: identifiers, moments, amounts, transactions and pages, each written one way everywhere.

Whole numbers are JSON integers, exact whatever their size; only a `nonce`, which a stranger may choose up to 2^64-1, is a string.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ledger.protocol.quantities import hex0x

__all__ = ["Answer", "Bytes", "Bytes32", "Count", "Day", "Moment", "Mvnd", "Page", "Price", "Time", "Transaction", "Wh"]

LAST_SHOWN_S = 253_402_300_799
"""End of the year 9999, the last moment ISO 8601 writes with four digits."""


class Answer(BaseModel):
    """An answer or a part of one, read from a row of the ledger by its attributes."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, validate_by_name=True, validate_by_alias=True)


class Moment(Answer):
    """A moment, twice: as the chain counts it and as people write it."""

    unix_s: int = Field(description="Seconds since 1970-01-01 UTC.", examples=[1_464_170_400])
    utc: str | None = Field(description="ISO 8601, UTC; null after the year 9999.", examples=["2016-05-25T10:00:00Z"])

    @classmethod
    def of(cls, unix_s: int) -> Moment:
        """The moment of so many seconds."""
        iso = f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}" if 0 <= unix_s <= LAST_SHOWN_S else None
        return cls(unix_s=unix_s, utc=iso)


def _hex(value: object) -> object:
    return hex0x(value) if isinstance(value, bytes) else value


def _moment(value: object) -> object:
    return Moment.of(value) if isinstance(value, int) else value


Bytes = Annotated[str, BeforeValidator(_hex), Field(pattern="^0x([0-9a-f]{2})*$", examples=["0x" + "a1" * 20])]
Bytes32 = Annotated[str, BeforeValidator(_hex), Field(pattern="^0x[0-9a-f]{64}$", examples=["0x" + "5e" * 32])]
Time = Annotated[Moment, BeforeValidator(_moment)]
Day = Annotated[
    str, BeforeValidator(str), Field(pattern=r"^\d{4}-\d\d-\d\d$", description="A local day of the zone.", examples=["2016-05-25"])
]
Wh = Annotated[int, Field(description="Watt-hours.", ge=0, examples=[1_250])]
Mvnd = Annotated[int, Field(description="Milli-đồng: 1,000 are one đồng.", examples=[838_750])]
Price = Annotated[int, Field(description="Whole đồng per kWh.", ge=0, examples=[1_180])]
Count = Annotated[int, Field(ge=0, examples=[48])]
Item = TypeVar("Item")


class Transaction(Answer):
    """How far the chain is with something this installation asked of it; only `final` is settled."""

    state: Literal["queued", "sent", "mined", "final", "failed"] = Field(examples=["final"])
    tx_hash: Bytes32 | None = Field(description="The transaction; null before it was signed.", examples=["0x" + "7c" * 32])
    block_number: int | None = Field(description="The block it is in; null before.", examples=[118])
    gas_used: int | None = Field(description="Gas it used; null before it was mined.", examples=[48_210])
    error: str | None = Field(description="Why it failed, or what the node last said against it.", examples=[None])


class Page(Answer, Generic[Item]):
    """Some of a list, in its order; an empty list has no items and no next page."""

    items: list[Item]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.", examples=["WyIweDVlNWUiXQ"])
