"""The description is OpenAPI, and describes every address."""

from openapi_spec_validator import validate

from server.api.routes import ROUTES
from tests.api.conftest import Hub


async def test_the_description_is_valid_and_complete(hub: Hub) -> None:
    description = await hub.get("/api/v1/openapi.json", role=None)

    validate(description)
    described = {(method.upper(), path) for path, operations in description["paths"].items() for method in operations}
    assert described == {(route.method, route.path) for route in ROUTES}


async def test_it_says_what_an_address_takes(hub: Hub) -> None:
    description = await hub.get("/api/v1/openapi.json", role=None)

    dismiss = description["paths"]["/api/v1/findings/{fingerprint}/dismiss"]["post"]
    assert {(p["name"], p["in"], p["required"]) for p in dismiss["parameters"]} == {
        ("fingerprint", "path", True),
        ("project", "query", True),
    }
    assert dismiss["security"] == [{"key": ["write"]}]
    assert dismiss["requestBody"]["required"] is True


async def test_editors_find_the_schema_of_a_projects_configuration_without_a_key(hub: Hub) -> None:
    schema = await hub.get("/api/v1/schemas/hive.toml.json", role=None)

    assert schema["title"] == ".hive.toml"
    assert {"review", "auto_review", "commands"} <= schema["$defs"]["Configuration"]["properties"].keys()
