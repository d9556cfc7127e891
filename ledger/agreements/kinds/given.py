"""Facts from what a person, a file or a request gave: text keys and plain values become the kind's dataclass, or a named error."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ledger.errors import InputError

F = TypeVar("F")


def built(facts: type[F], given: Mapping[str, object], at: str = "") -> F:
    """The facts a mapping of plain values describes; lists become tuples, mappings within become the dataclass at that place.

    Args:
        at: put before the names of fields, such as `items[2].`.

    Raises:
        InputError: a field is missing, unknown or of another type; names it.
    """
    fields = {one.name: one for one in dataclasses.fields(facts)}  # type: ignore[arg-type]
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise InputError("no such fact", field=at + unknown[0], fix=f"give {', '.join(fields)}")
    lacking = [at + name for name, one in fields.items() if name not in given and _is_required(one)]
    if lacking:
        raise InputError("missing", field=lacking[0], fix=f"give {', '.join(lacking)}")
    hints = get_type_hints(facts)
    return facts(**{name: _value(hints[name], given[name], at + name) for name in fields if name in given})


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(hint: Any, value: object, at: str) -> object:
    origin, choices = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        wanted = [one for one in choices if one is not type(None)]
        return None if value is None and len(wanted) < len(choices) else _value(wanted[0], value, at)
    if origin is Literal:
        if value not in choices:
            raise InputError(f"no such choice: {value!r}"[:120], field=at, fix=f"give one of {', '.join(map(str, choices))}")
        return value
    if origin is tuple:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise InputError("not a list", field=at, fix="give a list")
        return tuple(_value(choices[0], one, f"{at}[{place}]") for place, one in enumerate(value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, hint):
            return value
        if not isinstance(value, Mapping):
            raise InputError("not a group of facts", field=at, fix="give its fields by name")
        return built(hint, value, f"{at}.")
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        words = {int: "a whole number", str: "text", bool: "true or false"}
        raise InputError(f"not {words.get(hint, hint.__name__)}: {value!r}"[:120], field=at, fix=f"give {words.get(hint, hint.__name__)}")
    return value
