"""Parameters of paths and questions: identifiers as `0x` and hexadecimal digits, days as ISO dates, moments as Unix seconds."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, WithJsonSchema

from ledger.errors import InputError
from ledger.protocol.quantities import unhex

__all__ = [
    "AgreementId",
    "AttachmentId",
    "DayOf",
    "MeterId",
    "OrderDigest",
    "PartyAsked",
    "PartyId",
    "Place",
    "RunNumber",
    "UnitStart",
    "VersionAsked",
    "ZoneAsked",
    "ZoneId",
]

LATEST_S = 2**37
"""Latest moment a unit may begin, in the year 6325: far ahead, and every calendar still counts there."""
LARGEST_U32 = 2**32 - 1
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _id(field: str, value: object) -> bytes:
    return value if isinstance(value, bytes) else unhex(value, field, 32)


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InputError("not a day", field="date", fix="give a day of the calendar as YYYY-MM-DD")


def _schema(description: str, example: str) -> Any:
    return WithJsonSchema({"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$", "description": description, "examples": [example]})


ZoneId = Annotated[bytes, BeforeValidator(partial(_id, "zone")), _schema("A zone's id.", "0x" + "5e" * 32), Path()]
ZoneAsked = Annotated[bytes | None, BeforeValidator(partial(_id, "zone")), _schema("Of this zone only.", "0x" + "5e" * 32), Query()]
PartyAsked = Annotated[bytes | None, BeforeValidator(partial(_id, "party")), _schema("Of this party only.", "0x" + "a7" * 32), Query()]
PartyId = Annotated[bytes, BeforeValidator(partial(_id, "party")), _schema("A party's id.", "0x" + "a7" * 32), Path()]
MeterId = Annotated[bytes, BeforeValidator(partial(_id, "meter")), _schema("A meter's id.", "0x" + "3d" * 32), Path()]
AttachmentId = Annotated[bytes, BeforeValidator(partial(_id, "attachment")), _schema("A file's id.", "0x" + "a1" * 32), Path()]
AgreementId = Annotated[bytes, BeforeValidator(partial(_id, "agreement")), _schema("An agreement's id.", "0x" + "c4" * 32), Path()]
OrderDigest = Annotated[bytes, BeforeValidator(partial(_id, "order")), _schema("An order's digest.", "0x" + "0d" * 32), Path()]
DayOf = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "description": "A local day of the zone.", "examples": ["2016-05-25"]}),
    Path(),
]
UnitStart = Annotated[int, Path(ge=0, le=LATEST_S, description="Start of a market time unit, Unix seconds.", examples=[1_464_170_400])]
Place = Annotated[int, Path(ge=0, le=LARGEST_U32, description="Its place in the tree, from 0.", examples=[3])]
RunNumber = Annotated[int, Path(ge=1, le=LARGEST_U32, description="The settlement run, from 1.", examples=[1])]
VersionAsked = Annotated[
    int | None, Query(ge=1, le=LARGEST_U32, description="Version of the readings; the newest without it.", examples=[1])
]
