"""Who may do what, as JSON and rules of databases say it: everyone, or everything."""

import re
from collections.abc import Iterator

from server.analysis.config.cloud import OPEN_TO_THE_WORLD
from server.analysis.config.containers import WIDE_RIGHTS
from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.text.file import TextFile

_STATEMENT = re.compile(r"\{[^{}]{0,600}?\"Effect\"\s{0,8}:\s{0,8}\"Allow\"[^{}]{0,600}\}")
_EVERYTHING = r"\s{0,8}:\s{0,8}(?:\[\s{0,40})?\"\*\"\s{0,40}\]?"
_ACTION, _RESOURCE = re.compile(r"\"Action\"" + _EVERYTHING), re.compile(r"\"Resource\"" + _EVERYTHING)
_PRINCIPAL = re.compile(r"\"Principal\"\s{0,8}:\s{0,8}(?:\"\*\"|\{\s{0,40}\"AWS\"\s{0,8}:\s{0,8}\"\*\"\s{0,40}\})")


_HERE = frozenset({Language.OTHER, Language.PROPERTIES, Language.TERRAFORM})


def _statements(file: TextFile) -> Iterator[tuple[str, int]]:
    """Each statement that allows something, and where it begins."""
    if file.source.language not in _HERE or '"Effect"' not in file.source.text:
        return
    text = _EVERYBODY.sub(lambda found: '"*"'.ljust(len(found[0])), file.source.text)
    yield from ((found[0], found.start()) for found in _STATEMENT.finditer(text))


_EVERYBODY = re.compile(r"\{[ \t]{0,8}\"AWS\"[ \t]{0,8}:[ \t]{0,8}\"\*\"[ \t]{0,8}\}")


@check(
    WIDE_RIGHTS,
    on=(TextFile,),
    bad=('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}\n',),
    good=(
        '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}\n',
        '{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}\n',
    ),
)
def wide_statement(file: TextFile, _: TextFile) -> Iterator[Hit]:
    for statement, start in _statements(file):
        action = _ACTION.search(statement)
        if action is not None and _RESOURCE.search(statement):
            line = file.line_of(start + action.start())
            yield Hit(file.source.line_span(line), "Everything may be done to everything")


@check(
    OPEN_TO_THE_WORLD,
    on=(TextFile,),
    bad=(
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}\n',
        '{"rules": {".read": true, ".write": true}}\n',
        "match /{document=**} { allow read, write: if true; }\n",
    ),
    good=(
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "s3:GetObject"}]}\n',
        '{"rules": {".read": "auth != null", ".write": "auth != null"}}\n',
        "match /{document=**} { allow read, write: if request.auth != null; }\n",
    ),
)
def open_statement(file: TextFile, _: TextFile) -> Iterator[Hit]:
    text = file.source.text
    for statement, start in _statements(file):
        principal = _PRINCIPAL.search(statement)
        if principal is not None and "Condition" not in statement:
            yield Hit(file.source.line_span(file.line_of(start + principal.start())), "Everyone may do this")
    if file.source.language not in _HERE:
        return
    for found in _OPEN_DATABASE.finditer(text) if "write" in text else ():
        yield Hit(file.source.line_span(file.line_of(found.start())), "Everyone may write into the database")


_OPEN_DATABASE = re.compile(
    r"\"\.write\"\s{0,8}:\s{0,8}(?:true|\"true\")"
    r"|\ballow\s[\w, ]{0,40}\bwrite\s{0,4}(?::\s{0,4}if\s{1,4}true)?\s{0,4};"
)


CHECKS = (wide_statement, open_statement)
