"""Describe the table of routes as OpenAPI 3.1. Pure."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from server.api.route import Route

_REF = "#/components/schemas/{name}"


@cache
def describe(routes: tuple[Route, ...]) -> bytes:
    """The whole document, as JSON."""
    types = _types_of(routes)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    schema_of = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of, components)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Agent Hive", "version": version("agent-hive")},
            "paths": paths,
            "components": {
                "schemas": {**components, "Problem": _PROBLEM},
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "hive_…"}},
            },
        }
    )


def _types_of(routes: Iterable[Route]) -> list[Any]:
    found = [t for route in routes for t in (route.query, route.body, route.answers) if t is not None]
    return list({repr(type_): type_ for type_ in found}.values())


def _operation(route: Route, schema_of: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^a-z0-9]+', '_', route.path)}".rstrip("_"),
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route, schema_of, components)],
        "responses": {
            str(route.status.value): _good_answer(route, schema_of),
            "default": _content("What went wrong", {"$ref": _REF.format(name="Problem")}, "application/problem+json"),
        },
        "security": [] if route.permission is None else [{"key": [route.permission.value]}],
    }
    if route.body is not None:
        content_type = "application/x-www-form-urlencoded" if route.body_is_form else "application/json"
        body = {content_type: {"schema": schema_of[repr(route.body)]}}
        operation["requestBody"] = {"required": not route.body_may_be_absent, "content": body}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route, schema_of: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    query = components[schema_of[repr(route.query)]["$ref"].rpartition("/")[2]]
    required = query.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in query["properties"].items()
    ]


def _good_answer(route: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    if route.answers is None:
        return {"description": route.summary}
    return _content(route.summary, schema_of[repr(route.answers)], "application/json")


def _content(description: str, schema: dict[str, Any], content_type: str) -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "request_id"],
}
