"""Take of one Python file what there is to know of the web application that it may be part of."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.source import Source
from server.analysis.web.body import Body, Lines
from server.analysis.web.effects import Effects
from server.analysis.web.expressions import chain, walk, words_of
from server.analysis.web.facts import Class, Endpoint, Function, Registration, Router, Setting, Suspect, WebFacts
from server.analysis.web.registrations import (
    decorator_of,
    is_hook,
    is_resolver,
    names_given,
    of_call,
    of_decorators,
    routers,
    tornado_routes,
)
from server.analysis.web.signs import compares_code, signs_of
from server.analysis.web.words import OWNER_FIELD

Suspecting = Callable[[Body], Iterator[Suspect]]

_INTERESTING = (
    *("request", "session", "current_user", "Token", "token", "Depends", "urlpatterns", "ermission", "Password"),
    *("password", "Column(", "models.", "CREATE TABLE", "MIDDLEWARE", "route", "RequestHandler", "auth", "Limiter"),
    *("limiter", "websocket", "Schema", "BaseModel", "flask", "django", "fastapi", "csrf", "CSRF", "erializer"),
    *("GraphQL", "graphene", "statusCode", "strawberry", "ViewSet", "execute(", "sqlalchemy", "epositor", "_one("),
)
"""Each is looked for by itself, which is ten times as fast as one expression of them all."""

_INTERESTING_PARTS = ("401", "403", "Form")
_INTERESTING_WORD = re.compile(r"\b40[13]\b|Form\b")
_FRAMEWORKS = {
    "flask": "flask",
    "flask_restful": "flask",
    "flask_restx": "flask",
    "flask_login": "flask",
    "flask_jwt_extended": "flask",
    "quart": "flask",
    "django": "django",
    "rest_framework": "django",
    "ninja": "django",
    "fastapi": "fastapi",
    "starlette": "fastapi",
    "aiohttp": "aiohttp",
    "tornado": "tornado",
    "bottle": "bottle",
    "pyramid": "pyramid",
    "sanic": "sanic",
    "falcon": "falcon",
    "http": "http.server",
    "flask_smorest": "flask",
    "apiflask": "flask",
    "flask_openapi3": "flask",
    "litestar": "litestar",
    "cherrypy": "cherrypy",
    "web": "web.py",
    "webapp2": "webapp2",
    "connexion": "flask",
    "channels": "django",
    "graphene": "graphql",
    "strawberry": "graphql",
    "ariadne": "graphql",
    "graphql": "graphql",
    "flask_socketio": "flask",
    "wsgiref": "wsgi",
    "aws_lambda_powertools": "lambda",
    "chalice": "lambda",
    "quart_auth": "flask",
    "werkzeug": "flask",
    "flask_wtf": "flask",
    "graphene_django": "django",
    "flask_graphql": "graphql",
}
_STORAGE = frozenset(
    {
        "sqlalchemy",
        "flask_sqlalchemy",
        "sqlmodel",
        "peewee",
        "mongoengine",
        "pymongo",
        "sqlite3",
        "psycopg2",
        "jwt",
        "tortoise",
    }
)
"""What models and services of a web application import, where they name no framework."""

_CREATE_TABLE = re.compile(
    r"create\s+table\s+(?:if\s+not\s+exists\s+)?[`\"]?(\w+)[`\"]?\s*\(([^;]{0,2000})", re.IGNORECASE
)
_HTTP_METHODS = frozenset(
    {
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "do_GET",
        "do_POST",
        "do_PUT",
        "do_DELETE",
        "on_get",
        "on_post",
        "on_put",
        "on_patch",
        "on_delete",
    }
)


def _is_interesting(source: Source) -> bool:
    if any(map(source.mentions, _INTERESTING)):
        return True
    return any(map(source.mentions, _INTERESTING_PARTS)) and _INTERESTING_WORD.search(source.text) is not None


def facts_of(file: PythonFile, suspecting: tuple[Suspecting, ...]) -> WebFacts | None:
    """None when the file has nothing to do with the web, nor with who may do what."""
    if not _is_interesting(file.source):
        return None
    frameworks = frozenset(
        known
        for name in file.imports.values()
        if (known := _FRAMEWORKS.get(name.lstrip(".").partition(".")[0]))
        and (known != "http.server" or "server" in name or "Handler" in name)
    )
    if "http" in file.imports and "http.server" in file.source.text:
        frameworks |= {"http.server"}
    lines = Lines(file)
    is_web = (
        bool(frameworks)
        or "statusCode" in file.source.text
        or "db.Model" in file.source.text  # `db` comes from a module of the project.
        or any(name.partition(".")[0] in _STORAGE for name in file.imports.values())
    )
    functions, registrations, hooks = _functions(file, lines, is_web, suspecting)
    mounts: list[Router] = list(routers(file))
    module = module_of(file.source.path)
    for call in file.nodes(ast.Call):
        assert isinstance(call, ast.Call)
        name = file.dotted(call.func)
        if name.endswith(("before_request", "before_app_request", "add_middleware", "append")) and call.args:
            hooks += _hooked(call, name, file)
        elif name == "aiohttp.web.Application":
            hooks += [("aiohttp.Application", hooked.lstrip(".")) for hooked in names_given(call, "middlewares", file)]
        for found in of_call(call, name, module, file):
            if isinstance(found, Router):
                mounts.append(found)
            else:
                registrations.append(found)
    if frameworks & {"tornado", "web", "webapp2"}:
        registrations += tornado_routes(file)
    classes = tuple(
        _class(node, file, registrations) for node in file.nodes(ast.ClassDef) if isinstance(node, ast.ClassDef)
    )
    return WebFacts(
        module=module,
        is_test=file.source.is_test,
        frameworks=frameworks,
        imports=frozenset(file.imports.values()),
        functions=tuple(functions),
        classes=classes,
        registrations=tuple(registrations),
        routers=tuple(mounts),
        hooks=tuple(hooks),
        settings=tuple(_settings(file)),
        calls=frozenset(file._calls),
        owned=frozenset(_owned_tables(file)),
        graphql=tuple(_graphql(file)) if frameworks & {"graphql", "django"} else (),
    )


def module_of(path: str) -> str:
    """`shop/views.py` is `shop.views`, `shop/__init__.py` is `shop`."""
    parts = PurePosixPath(path).with_suffix("").parts
    if parts and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def _hooked(call: ast.Call, name: str, file: PythonFile) -> list[tuple[str, str]]:
    owner, _, last = name.rpartition(".")
    if last == "append" and not owner.endswith("middlewares"):
        return []
    return [(owner, hooked)] if (hooked := file.dotted(call.args[0])) else []


def _functions(
    file: PythonFile, lines: Lines, is_web: bool, suspecting: tuple[Suspecting, ...]
) -> tuple[list[Function], list[Registration], list[tuple[str, str]]]:
    functions: list[Function] = []
    registrations: list[Registration] = []
    hooks: list[tuple[str, str]] = []
    stores = _stores(file) if is_web else frozenset()
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
        for node in file.nodes(kind):
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            qualified = _qualified(node, file)
            own = list(of_decorators(node.decorator_list, qualified, file))
            is_web = is_web or bool(own)
            registrations += own
            is_handler = is_web and (bool(own) or _looks_like_handler(node, file) or is_resolver(qualified))
            function = _function(Body(file, lines, node, qualified, is_handler), is_web, stores, suspecting)
            hooks += [(d.name.rpartition(".")[0], qualified) for d in function.decorators if is_hook(d)]
            functions.append(function)
    return functions, registrations, hooks


def _function(body: Body, is_web: bool, stores: frozenset[str], suspecting: tuple[Suspecting, ...]) -> Function:
    node, file = body.node, body.file
    signs = signs_of(body)
    effects = Effects(body, stores)
    suspects = tuple(suspect for find in suspecting for suspect in find(body)) if is_web else ()
    calls = frozenset(name for called in body.calls if (name := file.dotted(called.node.func) or called.chain))
    of_services = dict(_calls_of_services(body))
    return Function(
        name=node.name,
        qualified=body.qualified,
        head=file.head_span(node),
        end_line=node.end_lineno or node.lineno,
        params=body.params,
        decorators=tuple(decorator_of(d, file) for d in node.decorator_list),
        depends=tuple(_depends(node, file)),
        calls=calls | of_services.keys(),
        hands_on=calls | {name for name, is_handed in of_services.items() if is_handed} if of_services else None,
        signs=signs,
        acts=effects.acts,
        touches=frozenset(effects.touches),
        fetches=tuple(effects.fetches),
        suspects=suspects,
        is_handler=body.is_handler,
        guesses=is_web and body.is_asked and compares_code(body),
        is_public=isinstance(file.parents.get(node), ast.Module) and not node.name.startswith("_"),
    )


def _calls_of_services(body: Body) -> Iterator[tuple[str, bool]]:
    """`Bookings.cancel` for `bookings.cancel(number)` of a parameter `bookings: Bookings`, and of an object made there
    and then; and whether it gets what the request says, and not who is there.
    """
    for called in body.calls:
        root, _, method = called.chain.partition(".")
        kind = body.annotation_of(root) if root in body.params else ""
        if not method or "." in method or not kind[:1].isupper():
            continue
        given = [*called.node.args, *(keyword.value for keyword in called.node.keywords)]
        yield f"{kind}.{method}", any(map(body.is_theirs, given)) and not any(map(body.is_mine, given))


def _qualified(node: FunctionNode, file: PythonFile) -> str:
    parent = file.parents.get(node)
    return f"{parent.name}.{node.name}" if isinstance(parent, ast.ClassDef) else node.name


def _looks_like_handler(node: FunctionNode, file: PythonFile) -> bool:
    parameters = [argument.arg for argument in node.args.args[:2]]
    parent = file.parents.get(node)
    if isinstance(parent, ast.ClassDef):
        if node.name in _HTTP_METHODS or "request" in parameters:
            return True
        return any(_VIEWS.search(words_of(base, file)) for base in parent.bases)
    return parameters[:1] in (["request"], ["req"]) or bool(
        node.decorator_list and isinstance(parent, ast.Module) and "request" in parameters
    )


_VIEWS = re.compile(r"View$|ViewSet$|Resource$|Handler$|Endpoint$|APIView|Mutation$|Consumer$|Controller$|Mixin$")


def _depends(node: FunctionNode, file: PythonFile) -> Iterator[str]:
    """What FastAPI calls for the parameters: `user: User = Depends(get_user)`, `Annotated[User, Depends(get_user)]`."""
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if isinstance(default, ast.Call) and file.dotted(default.func).endswith(("Depends", "Security", "Require")):
            yield from _dependency(default, file)
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if argument.annotation is None:
            continue
        for inner in walk(argument.annotation):
            if isinstance(inner, ast.Call) and file.dotted(inner.func).endswith(("Depends", "Security")):
                yield from _dependency(inner, file)
        name = file.dotted(argument.annotation)
        if name:
            yield f"type:{name}"


def _dependency(call: ast.Call, file: PythonFile) -> Iterator[str]:
    for given in call.args[:1] or [k.value for k in call.keywords[:1]]:
        target = given.func if isinstance(given, ast.Call) else given
        name = file.dotted(target)
        if name:
            yield name
        if isinstance(given, ast.Call) and given.args:
            yield f"words:{words_of(given, file)[:100]}"
    if call.keywords:
        yield f"words:{words_of(call, file)[:100]}"


def _stores(file: PythonFile) -> frozenset[str]:
    """Names of lists and dicts of the module: where small programs keep their data."""
    found = set()
    for node in file.tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            value = node.value
            is_store = isinstance(value, (ast.Dict, ast.List)) or (
                isinstance(value, ast.Call)
                and file.dotted(value.func) in ("dict", "list", "collections.defaultdict", "collections.OrderedDict")
            )
            if is_store and isinstance(target, ast.Name) and not target.id.startswith("__"):
                found.add(target.id)
    return frozenset(found - {"urlpatterns", "MIDDLEWARE", "INSTALLED_APPS", "routes"})


def _class(node: ast.ClassDef, file: PythonFile, registrations: list[Registration]) -> Class:
    registrations += of_decorators(node.decorator_list, node.name, file)
    attributes: dict[str, tuple[str, object]] = {}
    methods = []
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            methods.append(item.name)
        elif isinstance(item, ast.ClassDef) and item.name in ("Meta", "Config", "Arguments"):
            for inner in item.body:
                _attribute(inner, f"{item.name}.", attributes, file)
        else:
            _attribute(item, "", attributes, file)
    return Class(
        name=node.name,
        head=file.head_span(node),
        bases=tuple(file.dotted(b.value if isinstance(b, ast.Subscript) else b) for b in node.bases),
        decorators=tuple(decorator_of(d, file) for d in node.decorator_list),
        attributes=attributes,  # type: ignore[arg-type]
        methods=tuple(methods),
    )


def _attribute(item: ast.stmt, prefix: str, attributes: dict[str, tuple[str, object]], file: PythonFile) -> None:
    if len(attributes) > 200:
        return
    if isinstance(item, ast.Assign):
        for target in item.targets:
            if isinstance(target, ast.Name):
                attributes[prefix + target.id] = (words_of(item.value, file), file.span(item))
    elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
        attributes[prefix + item.target.id] = (
            f"{words_of(item.annotation, file)} = {words_of(item.value, file)}",
            file.span(item),
        )


def _settings(file: PythonFile) -> Iterator[Setting]:
    for node in file.nodes(ast.Assign):
        assert isinstance(node, ast.Assign)
        target = node.targets[0]
        parent = file.parents.get(node)
        if isinstance(target, ast.Name) and (target.id.isupper() or parent is file.tree):
            within = parent.name if isinstance(parent, ast.ClassDef) else ""
            yield Setting(target.id, _setting_words(node.value, target.id, file), file.span(node), within)
        elif (
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and file.dotted(target.value).endswith("config")
        ):
            yield Setting(str(target.slice.value), _setting_words(node.value, "", file), file.span(node))
    for call in file._calls.get("update", ()):
        if file.dotted(call.func).endswith("config.update"):
            for keyword in call.keywords:
                if keyword.arg:
                    yield Setting(keyword.arg, _setting_words(keyword.value, "", file), file.span(keyword))


_LONG_SETTINGS = frozenset({"MIDDLEWARE", "MIDDLEWARE_CLASSES", "REST_FRAMEWORK", "INSTALLED_APPS", "settings"})


def _setting_words(node: ast.expr, name: str, file: PythonFile) -> str:
    return file.text(node)[: 6_000 if name in _LONG_SETTINGS else 200]


def _graphql(file: PythonFile) -> Iterator[Endpoint]:
    """Where a schema is served, and whether with a page for trying queries."""
    for name in (
        "as_view",
        "GraphQL",
        "GraphQLRouter",
        "GraphQLApp",
        "GraphQLView",
        "Schema",
        "make_executable_schema",
    ):
        for call in file._calls.get(name, ()):
            called = chain(call.func, file)
            if "graph" not in called.lower() and not called.startswith(("graphene", "strawberry", "ariadne")):
                continue
            keywords = {k.arg: k.value for k in call.keywords}
            explorer = keywords.get("graphiql") or keywords.get("graphql_ide") or keywords.get("explorer")
            if isinstance(explorer, ast.Constant) and explorer.value and explorer.value != "None":
                yield Endpoint("explorer", file.span(call))
            if name in ("Schema", "make_executable_schema"):
                yield Endpoint("schema", file.span(call))


def _owned_tables(file: PythonFile) -> Iterator[str]:
    """Tables with a column for their owner, told by CREATE TABLE and INSERT statements."""
    if "CREATE TABLE" not in file.source.text and "create table" not in file.source.text:
        return
    for node in file.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, str) and "create table" in node.value[:20_000].lower():
            for table, columns in _CREATE_TABLE.findall(node.value[:20_000]):
                if any(OWNER_FIELD.match(line.split()[0].strip('`"')) for line in columns.split(",") if line.split()):
                    yield table.lower()
