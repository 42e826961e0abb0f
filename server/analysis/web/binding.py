"""Fields of an object that the request may name itself: mass assignment. Of single ones: `chosen.py`."""

import ast
import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Class, Suspect
from server.analysis.web.judging import HIGH, LIKELY, MEDIUM, POSSIBLE, Scene, found, security

MASS_ASSIGNMENT = security(
    "mass-assignment",
    HIGH,
    "The request names the fields that are set: also those that no form shows, as a role, an owner or a balance.",
    cwe=915,
    also=(269, 639, 1321, 20),
    remedy="Name the fields that may be set, or let a schema with only those take the request apart.",
)
ROLE_FROM_REQUEST = security(
    "role-from-request",
    HIGH,
    "Whoever sends the request chooses the role: they make themselves an administrator.",
    cwe=269,
    also=(915, 266, 284, 285, 862, 863, 639, 472),
    remedy="Give new users the least role, and let only administrators change it.",
)


RULES: tuple[Rule, ...] = (MASS_ASSIGNMENT, ROLE_FROM_REQUEST)

_RAW = re.compile(
    r"^(?:await\s+)?(?:self\.)?(?:request|req|flask\.request|bottle\.request)\.(?:json|get_json|form|forms|values"
    r"|POST|data|args|GET|params|query_params|json_body|media|get_media|body|query|post)\b"
    r"(?:\((?:force=True|silent=True|[, ])*\))?(?:\.(?:to_dict|dict|copy|items)\(\w*=?\w*\))?(?:\s+or\s+\{\})?$"
    r"|^(?:app\.|event\.|router\.)?current_event\.json_body$|^json\.loads\((?:self\.)?request\.(?:body|data|get_data\(\)|text)|^dict\((?:self\.)?request\."
    r"|^tornado\.escape\.json_decode\(self\.request\.body"
)
SCHEMA = re.compile(
    r"(?:Schema|Request|Form|In|Create|Update|Payload|Serializer|Input|DTO|Params|Args|Config|Error|Exception"
    r"|Response|Command|Query|Event|Filter|Data|Body|Info|Settings)$"
)
WRITERS = frozenset(
    {
        "create",
        "insert_one",
        "insert",
        "update",
        "update_one",
        "replace_one",
        "update_or_create",
        "get_or_create",
        "insert_many",
    }
)
PRIVILEGE = re.compile(
    r"^(?:is_?)?(?:admin|staff|superuser|super_admin|moderator|administrator|manager)$|^(?:user_?)?roles?(?:_id)?$|^user_?type$"
    r"|^privileges?$|^permissions?$|^access_?level$|^is_(?:verified|approved)$|^groups?$",
    re.IGNORECASE,
)
_DUMPS = frozenset({"model_dump", "dict", "to_dict", "dump"})
_GUARDED_FIELDS = re.compile(
    r"^is_?(?!deleted|public|draft|archived|read|default)\w+$|^roles?$|^balance$|^credits?$|^(?:user|owner"
    r"|author|customer)(?:_id)?$|^password\w*$|^price\w*$",
    re.IGNORECASE,
)


WRITES = re.compile(
    r"^(?:create|insert|update|add|save|change|edit|modify|upsert|patch|replace|register|put|store|make|new|set)"
    r"(?:_(?!cookie|header|state|attr|url|item|password)\w+)?$"
)
"""What a program calls a function of its own that writes a record."""


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _spread_calls(body)
    yield from _spread_items(body)
    yield from _set_loops(body)
    yield from _dumped_schemas(body)


def _spread_calls(body: Body) -> Iterator[Suspect]:
    """`User(**request.json)`, `users.insert_one(request.json)`, `row.update(request.get_json())`."""
    for called in body.calls:
        last, node = called.last, called.node
        for keyword in node.keywords:
            if keyword.arg is None and _is_raw(keyword.value, body):
                is_model = last[:1].isupper() and not SCHEMA.search(last)
                if is_model or last in WRITERS or (WRITES.match(last) and body.is_asked):
                    about = body.file.dotted(node.func) if is_model else ""
                    message = f"All fields of the request become those of {last if is_model else 'the record'}"
                    yield Suspect(MASS_ASSIGNMENT, Hit(body.span(node), message), "route", about)
        if last in ("insert_one", "update_one", "replace_one", "update", "insert") and "." in called.chain:
            for given in node.args[:2]:
                if _is_raw(given, body) or _sets_raw(given, body):
                    if last == "update" and not re.search(
                        r"query|filter|where|objects|__dict__|user|account|profile", called.chain, re.IGNORECASE
                    ):
                        continue
                    yield Suspect(MASS_ASSIGNMENT, Hit(body.span(node), "All fields of the request go into the record"))
                    break


def _spread_items(body: Body) -> Iterator[Suspect]:
    """`table.put_item(Item={"id": user_id, **body})`."""
    for called in body.calls:
        if called.last not in WRITERS and called.last not in ("put_item", "put", "set", "add"):
            continue
        for given in (*called.node.args, *(k.value for k in called.node.keywords)):
            if isinstance(given, ast.Dict) and any(
                key is None and _is_raw(value, body) for key, value in zip(given.keys, given.values, strict=True)
            ):
                yield Suspect(
                    MASS_ASSIGNMENT, Hit(body.span(called.node), "All fields of the request go into the record")
                )
                return


def _dumped_schemas(body: Body) -> Iterator[Suspect]:
    """`User(**body.model_dump())`, and a loop that sets what `body.dict()` holds: as many fields as the schema has."""
    for called in body.calls:
        if not called.last[:1].isupper() or SCHEMA.search(called.last):
            continue
        for keyword in called.node.keywords:
            schema = _dumped(keyword.value, body) if keyword.arg is None else ""
            if schema:
                yield _of_schema(schema, called.node, body)
                return
    for loop in body.nodes(ast.For):
        whole = (
            loop.iter.func.value
            if isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Attribute)
            else None
        )
        schema = _dumped(whole, body) if whole is not None else ""
        sets = any(isinstance(n, ast.Call) and body.file.dotted(n.func) == "setattr" for n in walk(loop))
        if schema and sets:
            yield _of_schema(schema, loop, body)
            return


def _of_schema(schema: str, node: ast.AST, body: Body) -> Suspect:
    message = f"The request sets every field of {schema.rpartition('.')[2]}, also one that gives rights"
    return Suspect(MASS_ASSIGNMENT, Hit(body.span(node), message, severity=MEDIUM), "guarded fields", schema)


def _dumped(node: ast.expr, body: Body, depth: int = 2) -> str:
    """The class of the schema that is dumped whole; "" where some field is left out, or it is none."""
    if isinstance(node, ast.Name) and depth:
        values = body.values.get(node.id, [])
        return _dumped(values[0], body, depth - 1) if len(values) == 1 else ""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _DUMPS:
        return ""
    if any(keyword.arg in ("include", "exclude") for keyword in node.keywords):
        return ""
    schema = node.func.value
    if not isinstance(schema, ast.Name) or not body.is_handler:
        return ""
    a = body.node.args
    for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs):
        if arg.arg == schema.id and isinstance(arg.annotation, (ast.Name, ast.Attribute)):
            return body.file.dotted(arg.annotation)
    return ""


def _sets_raw(node: ast.expr, body: Body) -> bool:
    """`{"$set": request.json}`."""
    return isinstance(node, ast.Dict) and any(
        isinstance(k, ast.Constant) and k.value == "$set" and _is_raw(v, body)
        for k, v in zip(node.keys, node.values, strict=True)
    )


def _is_raw(node: ast.expr, body: Body, depth: int = 3) -> bool:
    """The request's own mapping, not what a schema made of it."""
    if _RAW.match(body.words(node)):
        return True
    if isinstance(node, ast.Name) and depth:
        if _is_plain_dict(node.id, body):
            return True
        values = body.values.get(node.id, [])
        return bool(values) and all(_is_raw(value, body, depth - 1) for value in values)
    return False


def _is_plain_dict(name: str, body: Body) -> bool:
    """A parameter that a framework fills with the whole body: `payload: dict = Body(...)`."""
    if not body.is_asked or name not in body.params or name in body.values:
        return False
    a = body.node.args
    for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs):
        if arg.arg == name and arg.annotation is not None:
            return bool(re.match(r"(?:typing\.)?(?:dict|Dict|Any|Mapping)\b", body.words(arg.annotation)))
    return False


def _set_loops(body: Body) -> Iterator[Suspect]:
    """`for key, value in request.json.items(): setattr(user, key, value)` without a list of what is allowed."""
    for loop in body.nodes(ast.For):
        whole = (
            loop.iter.func.value
            if isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Attribute)
            else loop.iter
        )
        if not _is_raw(whole, body) and not _is_raw(loop.iter, body):
            continue
        target = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else loop.target
        key = target.id if isinstance(target, ast.Name) else ""
        if not key or _is_allowed(loop, key):
            continue
        for node in (n for n in walk(loop) if isinstance(n, ast.Call)):
            is_set = body.file.dotted(node.func) == "setattr" and len(node.args) == 3
            if is_set and body.words(node.args[1]) == key:
                yield Suspect(MASS_ASSIGNMENT, Hit(body.span(node), "The request names the attributes that are set"))
                return


def _is_allowed(loop: ast.For, key: str) -> bool:
    compares = (node for node in walk(loop) if isinstance(node, ast.Compare))
    return any(
        isinstance(c.left, ast.Name)
        and c.left.id == key
        and isinstance(c.ops[0], (ast.In, ast.NotIn, ast.Eq, ast.NotEq))
        for c in compares
    )


def judge(scene: Scene) -> Iterator[Found]:
    """Forms and serializers that take every field of a model with a guarded one."""
    for path, cls in scene.app.classes():
        yield from _by_exclusion(path, cls, scene)
        fields = cls.attributes.get("Meta.fields")
        if fields is not None and _SIGNS_UP.search(cls.name) and (right := _RIGHT.search(fields[0])):
            message = f"Whoever signs up may set {right[1]}"
            if right[1] not in cls.attributes.get("Meta.read_only_fields", ("",))[0] and _is_form(cls, path, scene):
                yield found(ROLE_FROM_REQUEST, path, fields[1], message, severity=MEDIUM)
        if fields is None or fields[0].strip("'\"") != "__all__" or "Meta.read_only_fields" in cls.attributes:
            continue
        bases = scene.app.bases(cls.name, path)
        if not any("ModelForm" in base or "ModelSerializer" in base for base in bases):
            continue
        model = cls.attributes.get("Meta.model", ("", fields[1]))[0]
        guarded = _guarded_fields(model, path, scene)
        if guarded and _is_used_for_writes(cls.name, scene):
            message = f"Every field of {model} may be set, also {guarded[0]}"
            yield found(
                MASS_ASSIGNMENT,
                path,
                fields[1],
                message,
                severity=MEDIUM,
                confidence=LIKELY if len(guarded) > 1 else POSSIBLE,
            )


_SIGNS_UP = re.compile(r"sign_?up|regist(?:er|ration)|create_?account|onboard", re.IGNORECASE)
_RIGHT = re.compile(r"['\"](is_staff|is_superuser|is_admin|role|user_permissions|groups)['\"]")


def _is_form(cls: Class, path: str, scene: Scene) -> bool:
    return any("ModelForm" in base or "ModelSerializer" in base for base in scene.app.bases(cls.name, path))


def _by_exclusion(path: str, cls: Class, scene: Scene) -> Iterator[Found]:
    """`exclude = ["id"]`: every other field may be set, also those that the model gets later."""
    excluded = cls.attributes.get("Meta.exclude")
    if excluded is None or "Meta.fields" in cls.attributes or not _is_form(cls, path, scene):
        return
    model = cls.attributes.get("Meta.model", ("", excluded[1]))[0]
    left = [name for name in _guarded_fields(model, path, scene) if name not in excluded[0]]
    if left and _is_used_for_writes(cls.name, scene):
        yield found(
            MASS_ASSIGNMENT,
            path,
            excluded[1],
            f"Every field of {model} but those may be set, also {left[0]}",
            severity=MEDIUM,
            confidence=POSSIBLE,
        )


_CONFIGURATIONS = frozenset({"model_config", "Config.extra"})
"""Where pydantic is told to take fields that it does not know."""


def sets_rights(schema: str, path: str, scene: Scene) -> bool:
    """Whether a schema, or one that it is made of, has a field that gives rights."""
    return any(PRIVILEGE.match(name) for _, cls in scene.app.family(schema, path) for name in cls.attributes)


def takes_anything(schema: str, path: str, scene: Scene) -> bool:
    """Whether a schema takes fields that it does not know."""
    return any(
        "allow" in words
        for _, cls in scene.app.family(schema, path)
        for name, (words, _) in cls.attributes.items()
        if name in _CONFIGURATIONS
    )


_DJANGO_USER = re.compile(r"(?:^|\.)User$|^(?:\w+\.)*get_user_model\(\)$")


def _guarded_fields(model: str, path: str, scene: Scene) -> list[str]:
    """What a form must not set: also what Django's own users have."""
    known = scene.app.class_(model, path)
    guarded = [name for name in known[1].attributes if _GUARDED_FIELDS.match(name)] if known is not None else []
    bases = scene.app.bases(model, path)
    if bases & {"AbstractUser", "AbstractBaseUser"} or (known is None and _DJANGO_USER.search(model)):
        guarded.append("is_superuser")
    return sorted(guarded)


def _is_used_for_writes(name: str, scene: Scene) -> bool:
    """Not by a view that only reads."""
    users = [
        (p, c)
        for p, c in scene.app.classes()
        if name in c.attributes.get("serializer_class", ("",))[0] + c.attributes.get("form_class", ("",))[0]
    ]
    if not users:
        return True
    return any(
        not scene.app.bases(c.name, p) & {"ReadOnlyModelViewSet", "ListAPIView", "RetrieveAPIView"} for p, c in users
    )
