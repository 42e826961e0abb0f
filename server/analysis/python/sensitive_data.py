"""Numbers of cards and of people that are kept as they are: in the database, in cookies. Passwords: `storage.py`."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name
from server.analysis.python.storage import statement_text
from server.analysis.python.values import argument
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

PLAIN_SENSITIVE_DATA = Rule(
    "hive.plain-sensitive-data",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Numbers of cards and of people are kept as they are: whoever reads the database, or a copy of it, has them.",
    312,
    in_tests=False,
    also=(311, 359, 922, 200),
    remedy="Do not keep them, let a payment provider do it, or encrypt them with a key that is not in the database.",
)

_NUMBERS_INSERTED = re.compile(
    r"\s*insert\s+into\s+\w+\s*\([^()]{0,400}\b(?:ssn|card_number|credit_card\w{0,10}|cvv|cvc|card_cvv)\b",
    re.IGNORECASE,
)


@check(
    PLAIN_SENSITIVE_DATA,
    on=called("execute", "executemany"),
    bad=(
        "def f(n, cvv):\n    db.execute('INSERT INTO cards (owner, card_number, cvv) VALUES (?, ?, ?)', (1, n, cvv))\n",
    ),
    good=("def f(n):\n    db.execute('INSERT INTO cards (owner, card_number) VALUES (?, ?)', (1, encrypt(n)))\n",),
)
def plain_insert(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if _NUMBERS_INSERTED.match(statement_text(call, file)) and "crypt" not in file.text(call):
        yield Hit(file.span(call), "The number of a card or a person goes into the database as it is")


_COLUMNS = ("Column", "mapped_column", "CharField", "TextField", "StringField", "IntegerField")


@check(
    PLAIN_SENSITIVE_DATA,
    on=called(*_COLUMNS),
    bad=(
        "class User(db.Model):\n    ssn = db.Column(db.String(11))\n",
        "class Card(models.Model):\n    card_number = models.CharField(max_length=16)\n",
        "class Payment(Base):\n    cvv = Column(String(4))\n",
    ),
    good=(
        "class User(db.Model):\n    name = db.Column(db.String(11))\n",
        "class Card(models.Model):\n    card_number = EncryptedCharField(max_length=16)\n",
        "class Payment(forms.Form):\n    cvv = forms.CharField()\n",
        "class Card(Base):\n    card_number = Column(EncryptedType(String))\n",
    ),
)
def plain_column(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    parent = file.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    name = last_name(target) if isinstance(target, ast.Name) else ""
    text = file.text(call)
    plain = "forms." not in text and "serializers." not in text and "ncrypt" not in text
    if parent is not None and plain and _NUMBERS.match(name) and isinstance(file.parents.get(parent), ast.ClassDef):
        yield Hit(file.span(call), f"{name} is kept as it is")


_NUMBERS = re.compile(
    r"^(?:ssn|social_security(?:_number)?|card_number|credit_card(?:_number)?|cc_number|cvv|cvc|card_cvv|cvv2)$"
)


@check(
    PLAIN_SENSITIVE_DATA,
    on=called("set_cookie"),
    bad=("def f(response, password):\n    response.set_cookie('pw', password)\n",),
    good=("def f(response, session_id):\n    response.set_cookie('session', session_id)\n",),
)
def secret_in_cookie(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    value = argument(call, 1, "value")
    if value is not None and re.match(r"(?:\w+_)?(?:password|passwd|pwd|ssn|card_number)$", last_name(value)):
        yield Hit(file.span(call), f"{last_name(value)} is kept in a cookie, as it is")


CHECKS = (plain_insert, plain_column, secret_in_cookie)
