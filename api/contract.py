"""The app's OpenAPI description: every answer with an example, every error in the one shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from api.access import CUSTOMER
from api.errors import PROBLEM_TYPE, Problem
from api.seeing import current_sight

__all__ = ["describe", "example_of"]

ABOUT = """Agreements and rooftop-solar trade, each claim with its proof.

Identifiers are 0x and hexadecimal digits. Energy is in whole watt-hours, money in whole milli-đồng (1,000 are one đồng), prices in whole
đồng per kWh; JSON integers here are exact and a reader must not round them above 2^53. Moments are Unix seconds with their ISO 8601 form.
Lists come in pages: give next as cursor until it is null. Every error is problem details (RFC 9457) that say what to do next.

What is of a household needs a sign-in: a customer's session (a cookie), which sees their own, or a token of staff (Authorization: Bearer),
which sees their unit's; a document to sign opens with its link's token (x-signing-link). What names nobody – the chain, the log, zones,
prices, totals – asks nobody, and neither does verification.
"""
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_UNUSED = ("HTTPValidationError", "ValidationError")
_SCHEMES = {
    "customer": {"type": "apiKey", "in": "cookie", "name": CUSTOMER, "description": "A customer's session, of /api/v1/sign-in/code."},
    "staff": {"type": "http", "scheme": "bearer", "description": "A token of staff, of `sonang staff add`."},
    "link": {"type": "apiKey", "in": "header", "name": "x-signing-link", "description": "The token of a signing link, after its `#`."},
}
_UNDER = {"customer": "/api/v1/my/", "staff": "/api/v1/staff/", "link": "/api/v1/signing"}
_OF_RECORDS = ("customer", "staff")
"""Who may ask where records of households are, besides who may ask under a path of their own."""


def describe(app: FastAPI) -> None:
    """Gives the app its description, made when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI extends it


def _described(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    schemas: dict[str, Any] = made["components"]["schemas"]
    for name in _UNUSED:
        schemas.pop(name, None)
    _, problem = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(problem["$defs"])
    made["components"]["securitySchemes"] = _SCHEMES
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    asked = {route.path for route in routes if isinstance(route, APIRoute) and _asks(route.dependant)}
    fault = {"description": "What is wrong, where, and what to do next.", "content": _content(PROBLEM_TYPE, _PROBLEM, schemas)}
    for path, operations in made["paths"].items():
        who = [who for who in _SCHEMES if path.startswith(_UNDER[who]) or (path in asked and who in _OF_RECORDS)]
        for operation in operations.values():
            operation["security"] = [{one: []} for one in who]
            answers = operation["responses"]
            operation["responses"] = {"200": answers["200"], "default": fault}
            _exemplify(answers["200"].get("content", {}), schemas)
    whole: dict[str, Any] = _in_integers(made)
    return whole


def _in_integers(described: Any) -> Any:
    """The same with bounds as whole numbers, which FastAPI writes as floats: no reader rounds 2^63 then."""
    if isinstance(described, dict):
        return {name: _in_integers(each) for name, each in described.items()}
    if isinstance(described, list):
        return [_in_integers(each) for each in described]
    return int(described) if isinstance(described, float) and described.is_integer() else described


def _asks(dependant: Dependant) -> bool:
    """Whether a route needs to know whose records who asks may read."""
    return dependant.call is current_sight or any(_asks(each) for each in dependant.dependencies)


def _exemplify(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    described = content.get("application/json")
    if described is not None:
        described["example"] = example_of(described["schema"], schemas)


def _content(media_type: str, schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema, "example": example_of(schema, schemas)}}


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value of a schema, made of the examples its fields carry."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
