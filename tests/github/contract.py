"""GitHub's own description of its API (npm `@octokit/openapi`), and whether a request or an answer keeps to it."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema_path import SchemaPath
from openapi_core import Config, OpenAPI, V30RequestValidator, V30ResponseValidator
from openapi_core.casting.schemas import oas30_write_schema_casters_factory
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles import style_deserializers
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.templating.paths.finders import APICallPathFinder
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.github.payloads import NODE_MODULES

API_URL = "https://api.github.com"


class SentRequest:
    """A request as openapi-core reads it (its `Request` protocol)."""

    host_url = API_URL
    content_type = "application/json"

    def __init__(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=Headers(dict(headers)))


class SentAnswer(NamedTuple):
    """An answer as openapi-core reads it (its `Response` protocol)."""

    status_code: int
    data: bytes
    content_type: str = "application/json"

    @property
    def headers(self) -> Headers:
        return Headers()


class _Once:
    """A factory of openapi-core's, which makes the same for every request: here it makes each thing once."""

    def __init__(self, factory: Any) -> None:
        self._factory = factory
        self._made: dict[Any, Any] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *arguments: Any, **options: Any) -> Any:
        key = (schema.parts, arguments, *options.items())
        if key not in self._made:
            self._made[key] = self._factory.create(spec, schema, *arguments, **options)
        return self._made[key]


class _PathFinder(APICallPathFinder):
    """Looks through all paths once for an address, not once for the request and once for its answer."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.find = functools.lru_cache(maxsize=1024)(super().find)


class _RequestValidator(V30RequestValidator):
    schema_validators_factory = _Once(V30RequestValidator.schema_validators_factory)


class _ResponseValidator(V30ResponseValidator):
    schema_validators_factory = _Once(V30ResponseValidator.schema_validators_factory)


_CONFIG = Config(
    request_validator_cls=_RequestValidator,
    response_validator_cls=_ResponseValidator,
    style_deserializers_factory=_Once(
        StyleDeserializersFactory(oas30_write_schema_casters_factory, style_deserializers=style_deserializers)
    ),
    path_finder_cls=_PathFinder,
    spec_validator_cls=None,  # whether GitHub's description is well-formed is GitHub's affair
)
"""To the letter what openapi-core does by itself, at half the time: much of what these tests compute is its."""

_NOT_DESCRIBED = {"authorization", "host", "if-none-match"}
"""Headers that are another's at every test, and no parameters of anything."""


class Contract:
    """GitHub's description, cut down to what is served.

    Nine in ten requests, and half of the answers, were seen before to the letter: what was found then is known.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._description = description
        self._api = OpenAPI.from_dict(_without_references(description), config=_CONFIG)
        self._found: dict[bytes, list[str]] = {}

    def request_faults(self, request: SentRequest) -> list[str]:
        """What is wrong with a request; [] when GitHub would understand it."""
        described = sorted((name, v) for name, v in request.headers.items() if name.lower() not in _NOT_DESCRIBED)
        seen = _digest(request, sorted(request.query.items()), described, request.body)
        if seen not in self._found:
            self._found[seen] = self._look_at_request(request)
        return self._found[seen]

    def answer_faults(self, request: SentRequest, answer: SentAnswer) -> list[str]:
        """What is wrong with our own answer."""
        seen = _digest(request, answer.status_code, answer.content_type, answer.data)
        if seen not in self._found:
            self._found[seen] = self._look_at_answer(request, answer)
        return self._found[seen]

    def _look_at_request(self, request: SentRequest) -> list[str]:
        try:
            self._api.validate_request(request)
        except OpenAPIError as error:
            return [_explain(error)]
        return []

    def _look_at_answer(self, request: SentRequest, answer: SentAnswer) -> list[str]:
        try:
            self._api.validate_response(request, answer)
        except PathError:
            return []  # The request had this fault, and is told so.
        except OpenAPIError as error:
            return [_explain(error)]
        return []

    def example(self, name: str) -> Any:
        """A fresh copy of one of the description's examples."""
        return json.loads(json.dumps(self._description["components"]["examples"][name]["value"]))

    def operation(self, method: str, pattern: str) -> str:
        """GitHub's name for what is asked: `pulls/create-review`."""
        name: str = self._description["paths"][pattern][method.lower()]["operationId"]
        return name


def _digest(request: SentRequest, *parts: Any) -> bytes:
    return hashlib.sha256(repr((request.method, request.path, parts)).encode()).digest()


@functools.cache
def github_contract(paths: tuple[str, ...]) -> Contract:
    """Cut down to *paths*. Loaded once in a process, in about 0.3 s."""
    path = NODE_MODULES / "@octokit/openapi/generated/api.github.com.json"
    if not path.exists():
        raise FileNotFoundError("GitHub's description is not installed: npm ci --ignore-scripts --prefix tests/github")
    description = json.loads(path.read_bytes())
    served = _only(description, paths)
    _allow_null(served)
    return Contract(served)


def _only(description: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """The description with these paths and the components that they lead to."""
    kept = {path: description["paths"][path] for path in paths}
    components: dict[str, dict[str, Any]] = {}
    waiting = list(_references(kept))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = description["components"][kind][name]
            waiting.extend(_references(components[kind][name]))
    return {
        "openapi": description["openapi"],
        "info": description["info"],
        "servers": [{"url": API_URL}],
        "paths": kept,
        "components": components,
    }


def _without_references(description: dict[str, Any]) -> dict[str, Any]:
    """With what its references lead to in their place, or each would be looked up at every request."""
    components = description["components"]
    done: dict[str, Any] = {}

    def put_in(node: Any) -> Any:
        if isinstance(node, list):
            return [put_in(one) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {key: put_in(value) for key, value in node.items()}
        if reference not in done:
            _, _, kind, name = reference.split("/")
            done[reference] = put_in(components[kind][name])
        return done[reference]

    return {**description, "paths": put_in(description["paths"])}


def _allow_null(node: Any) -> None:
    """By `nullable` beside an `enum` GitHub means that null is fine; to the letter, the enum would have to list it."""
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
        for value in node.values():
            _allow_null(value)
    elif isinstance(node, list):
        for value in node:
            _allow_null(value)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _explain(error: OpenAPIError) -> str:
    """The reasons without the value, which fills pages."""
    reasons = [
        f"{'/'.join(map(str, e.absolute_path)) or 'body'}: {e.message[:300]}"
        for e in getattr(error.__cause__, "schema_errors", ())
    ]
    return f"{type(error).__name__}: {'; '.join(reasons) or str(error)[:500]}"
