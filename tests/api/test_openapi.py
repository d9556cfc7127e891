"""The description of the API holds what it says: examples fit, parameters are accepted, errors have the one shape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from api.app import ROOMS, create_app
from api.errors import KINDS, PLAIN, Problem
from ledger.settings import Settings
from tests.api.conftest import Client, readable

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
APP = create_app(Settings())
DESCRIBED: dict[str, Any] = APP.openapi()
ROUTES = [route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)]
OPERATIONS = [(path, method, operation) for path, each in DESCRIBED["paths"].items() for method, operation in each.items()]


def test_nothing_is_opened_to_describe_the_app(client: Client) -> None:
    assert client.get("/openapi.json").json() == DESCRIBED


def test_every_bound_is_a_whole_number() -> None:
    written = json.dumps(DESCRIBED)
    assert (re.search(r": -?\d+\.\d", written), '"exclusiveMaximum": 9223372036854775808' in written) == (None, True)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS])
def test_every_operation_is_described_and_exemplified(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["description"].strip()
    assert set(operation["responses"]) == {"200", "default"}
    fault = operation["responses"]["default"]["content"]["application/problem+json"]
    Problem.model_validate(fault["example"])
    route = next(one for one in ROUTES if one.path == path and method.upper() in one.methods)
    for media, content in operation["responses"]["200"]["content"].items():
        if media == "application/json":
            TypeAdapter(route.response_model).validate_python(content["example"])
    for parameter in operation.get("parameters", []):
        assert parameter["schema"].get("examples") or parameter["name"] == "cursor", parameter["name"]


def test_the_examples_of_parameters_are_accepted(client: Client) -> None:
    for path in readable(client):
        parameters = DESCRIBED["paths"][path]["get"].get("parameters", [])
        given = {one["name"]: str(one["schema"]["examples"][0]) for one in parameters if one["schema"].get("examples")}
        filled = re.sub(r"\{(\w+)\}", lambda found, given=given: given[found[1]], path)  # type: ignore[misc]
        asked = {one["name"]: given[one["name"]] for one in parameters if one["in"] == "query" and one["name"] in given}
        assert client.get(filled, params=asked).status_code in (200, 404), path


def test_every_kind_of_problem_has_its_place_in_the_docs(client: Client) -> None:
    page = client.get("/docs").text
    assert ("Giao diện cho chương trình" in page, 'data-as="Ví dụ · Example"' in page) == (True, True)
    for kind in (*KINDS.values(), *PLAIN):
        assert f'id="problem-{kind.name}"' in page
    for path, method, operation in OPERATIONS:
        assert f"<strong>{method.upper()}</strong> {path}" in page
        assert operation["description"].splitlines()[0] in page.replace("&#39;", "'").replace("&amp;", "&")


def test_the_guide_says_where_every_route_and_page_is_and_names_none_that_is_not_there() -> None:
    told = [path for row in re.findall(r"^\| (`/[^|]*) \|", GUIDE, re.MULTILINE) for path in re.findall(r"`(/[^`]*)`", row)]
    pages = {context.original_route.path for context in iter_route_contexts(APP.routes)}
    there = {*DESCRIBED["paths"], *pages, "/openapi.json"}

    def under(path: str, place: str) -> bool:
        return path == place or path.startswith("/static/") or (place != "/" and path.startswith(place + "/"))

    assert [path for path in sorted(there) if not any(under(path, place) for place in told)] == []
    assert [place for place in told if not any(under(path, place) for path in there)] == []
    assert len(told) == len(set(told))
