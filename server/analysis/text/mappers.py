"""Statements of MyBatis: `${name}` puts a value into the SQL as it is, `#{name}` hands it over beside it."""

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.rules import SQL_FROM_TEXT
from server.analysis.text.file import TextFile

_ANNOTATION = re.compile(
    r"@(?:Select|Update|Insert|Delete)\(\s{0,8}\{?(?:[^()@;]|\([^()]{0,200}\)){0,2000}?\$\{(?P<name>[\w.]{1,60})\}"
)
_ELEMENT = re.compile(
    r"<(?P<kind>select|update|insert|delete|sql)\b[^<>]{0,300}>(?P<body>.{0,8000}?)</(?P=kind)>", re.DOTALL
)
_PUT_IN = re.compile(r"\$\{(?P<name>[\w.]{1,60})\}")


@check(
    SQL_FROM_TEXT,
    on=(TextFile,),
    bad=(
        '@Select("SELECT * FROM books ORDER BY ${sort}")\nList<Book> all(String sort);\n',
        "<mapper><select id=\"find\">SELECT * FROM books WHERE title = '${title}'</select></mapper>\n",
    ),
    good=(
        '@Select("SELECT * FROM books WHERE title = #{title}")\nList<Book> find(String title);\n',
        '<mapper><select id="find">SELECT * FROM books WHERE title = #{title}</select></mapper>\n',
        '<page><select id="find">${title}</select></page>\n',
        '<copy><mapper type="glob"/></copy><delete dir="${build}"><fileset/></delete>\n',
    ),
)
def value_in_statement(file: TextFile, _: TextFile) -> Iterator[Hit]:
    text = file.source.text
    if "${" not in text or file.source.language not in _HERE:
        return
    if _MAPPER.search(text):
        for element in _ELEMENT.finditer(text):
            for found in _PUT_IN.finditer(element["body"]):
                yield _hit(file, element.start("body") + found.start(), found["name"])
    for found in _ANNOTATION.finditer(text):
        yield _hit(file, found.start("name"), found["name"])


_MAPPER = re.compile(r"<mapper\s*>|<mapper\s[^>]{0,200}\bnamespace\b")
"""MyBatis's, not Ant's."""

_HERE = frozenset({Language.JAVA, Language.OTHER, Language.PROPERTIES})


def _hit(file: TextFile, at: int, name: str) -> Hit:
    return Hit(file.source.line_span(file.line_of(at)), f"{name} becomes part of the statement")


CHECKS = (value_in_statement,)
