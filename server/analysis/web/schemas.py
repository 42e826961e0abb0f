"""Schemas by which objects are answered, with a password's hash or a key among their fields: models of FastAPI's
answers, types of GraphQL, serializers. What a function writes into an answer by hand: `disclosure.py`.
"""

import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.web.columns import SECRET_FIELD
from server.analysis.web.facts import Class
from server.analysis.web.judging import LIKELY, Scene, found

_SECRET = re.compile(
    r"^(?:password|passwd|pwd)(?:_?(?:hash|digest|salt))?$|^(?:hashed|encrypted)_?passw(?:or)?d$|^pass_?hash$"
    r"|^(?:reset|confirmation|verification|recovery)_token$|^(?:private|secret|api_secret)_?key$"
    r"|^(?:totp|mfa|otp|two_factor|client)_secret$|^ssn$|^cvv$",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    r"exclude\s*=\s*True|SkipJsonSchema|SecretStr|strawberry\.Private|write_only\s*=\s*True|load_only"
)
_MODEL = re.compile(r"response_model\s*=\s*(?:[\w.]+\[)*(?:[\w]+\.)*([A-Z]\w+)")
_ASKS = re.compile(r"Input|Create|Login|Register|SignUp|Update|Request|Credentials|Form|Change|Reset|Args|Payload")
"""Types that people fill in."""


def judge(scene: Scene) -> Iterator[Found]:
    answered = _answered(scene)
    for path, cls in scene.app.classes():
        if cls.name in answered or _is_graphql(cls):
            yield from _told(path, cls)
        elif "Meta.fields" in cls.attributes and any(
            "ModelSerializer" in base for base in scene.app.bases(cls.name, path)
        ):
            yield from _serialized(path, cls)


def _answered(scene: Scene) -> frozenset[str]:
    """The models by which routes of FastAPI answer."""
    words = (d.words for route in scene.routes if "fastapi" in route.framework for d in route.decorators)
    return frozenset(model[1] for said in words for model in _MODEL.finditer(said))


def _is_graphql(cls: Class) -> bool:
    if _ASKS.search(cls.name):
        return False
    is_type = any(
        d.name in ("strawberry.type", "strawberry_django.type", "strawberry.django.type") for d in cls.decorators
    )
    return is_type or any(base in ("graphene.ObjectType", "ObjectType") for base in cls.bases)


def _told(path: str, cls: Class) -> Iterator[Found]:
    for name, (words, span) in cls.attributes.items():
        if _SECRET.match(name) and not _WITHHELD.search(words):
            yield found(SECRET_FIELD, path, span, f"Answers have the field {name!r} of {cls.name}", confidence=LIKELY)
            return


def _serialized(path: str, cls: Class) -> Iterator[Found]:
    """`fields = ["name", "password"]`, and nothing says that it is for writing alone."""
    fields = cls.attributes["Meta.fields"]
    if _ASKS.search(cls.name):
        return
    for name in re.findall(r"['\"](\w+)['\"]", fields[0]):
        hidden = cls.attributes.get("Meta.extra_kwargs", ("",))[0] + cls.attributes.get(name, ("",))[0]
        if _SECRET.match(name) and not re.search(r"write_only|load_only|read_only", hidden):
            yield found(SECRET_FIELD, path, fields[1], f"Answers have the field {name!r}", confidence=LIKELY)
            return
