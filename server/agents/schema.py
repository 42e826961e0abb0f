"""The JSON Schema of a Struct, as a tool's input has to be: what a model may send, told by the type that reads it."""

from collections.abc import Mapping
from typing import Any

import msgspec


def input_schema(of: type) -> dict[str, Any]:
    """Of an object. Objects within it stand in `$defs`."""
    (root,), components = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    choices = {f"#/$defs/{name}": one for name, one in components.items() if "enum" in one}
    schema = components.pop(root["$ref"].rpartition("/")[2])
    objects = {name: _inlined(one, choices) for name, one in components.items() if "enum" not in one}
    return {**_inlined(schema, choices), **({"$defs": objects} if objects else {})}


def _inlined(schema: Any, choices: Mapping[str, dict[str, Any]]) -> Any:
    """With the values of each choice where it stands, and without titles: fewer tokens, and nothing to look up."""
    if isinstance(schema, list):
        return [_inlined(part, choices) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: _inlined(part, choices) for key, part in schema.items() if key != "title" or not isinstance(part, str)
    }
    chosen = choices.get(found.get("$ref", ""))
    if chosen is None:
        return found
    del found["$ref"]
    return {"enum": chosen["enum"], **found}
