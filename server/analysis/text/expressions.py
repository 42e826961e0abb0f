"""Regular expressions that go back for ever, in Java, PHP, Ruby and C#; the engines of Go and Rust never do."""

import re
from collections.abc import Iterator

from server.analysis.backtracking import SLOW_REGEX, is_slow
from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.text.credentials import COMMENT
from server.analysis.text.file import TextFile

_JAVA = re.compile(
    r"(?:Pattern\.compile|\.matches|\.replaceAll|\.split|@Pattern|new Regex|Regex\.\w{5,8})"
    r"\(\s{0,8}(?:regexp\s{0,4}=\s{0,4})?@?"
    r"\"(?P<pattern>(?:[^\"\\\n]|\\.){4,500})\""
)
_PHP = re.compile(
    r"\bpreg_\w{4,20}\(\s{0,8}(?P<quote>['\"])(?P<mark>[/#~@%])(?P<pattern>[^\n]{4,500}?)(?P=mark)[a-zA-Z]{0,8}(?P=quote)"
)
_RUBY = re.compile(
    r"(?:=~|!~|\.match\??\(?|with:|format:|\.scan\(?|\.gsub!?\(?|\.sub!?\(?|=)\s{0,4}/(?P<pattern>(?:[^/\\\n]|\\.){4,500})/"
)
_BY_LANGUAGE = {
    Language.JAVA: _JAVA,
    Language.PHP: _PHP,
    Language.RUBY: _RUBY,
    Language.OTHER: _JAVA,
    Language.PROPERTIES: _JAVA,
}
"""Examples are read as a file of settings."""


@check(
    SLOW_REGEX,
    on=(TextFile,),
    bad=('return s.matches("^(a+)+$");\n', 'Pattern p = Pattern.compile("(\\\\w+\\\\s?)*$");\n'),
    good=('return s.matches("^a+$");\n', 'Pattern.compile("^\\\\w+(\\\\s\\\\w+)*$");\n', '// s.matches("^(a+)+$");\n'),
)
def slow_regex(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    phrase = _BY_LANGUAGE.get(source.language)
    for found in phrase.finditer(source.text) if phrase is not None else ():
        pattern = found["pattern"].replace("\\\\", "\\")
        commented = COMMENT.match(source.text, source.text.rfind("\n", 0, found.start()) + 1)
        if is_slow(pattern) and not commented:
            yield Hit(source.line_span(file.line_of(found.start())), "The pattern divides a text in too many ways")


CHECKS = (slow_regex,)
