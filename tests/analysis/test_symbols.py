"""What a file defines, in every language, by name and lines."""

import pytest

from server.analysis.source import Source
from server.analysis.symbols import symbols_of

CASES = {
    "a.py": (
        "@cached\ndef f(a):\n    return g(a)\n\n\nclass C:\n    def m(self):\n        return g(1)\n",
        [("f", 1, 3), ("C", 6, 8), ("C.m", 7, 8)],
    ),
    "a.ts": (
        "export const f = (a: X) =>\n  g(a);\nclass C {\n  m() { return g(1) }\n}\nconst limit = g(2);\n",
        [("f", 1, 2), ("C", 3, 5), ("C.m", 4, 4)],
    ),
    "a.js": ("function* f() {}\nexport default class C { m() { g(1) } }\n", [("f", 1, 1), ("C", 2, 2), ("C.m", 2, 2)]),
    "a.go": (
        "package a\n\ntype T struct{}\n\nfunc (t *T) F() {\n\tg(1)\n}\n",
        [("T", 3, 3), ("F", 5, 7)],
    ),
    "A.java": ("class A {\n  A() {}\n  void f() { g(1); }\n}\n", [("A", 1, 4), ("A.A", 2, 2), ("A.f", 3, 3)]),
    "a.php": ("<?php\nclass A {\n  function f() { g(1); }\n}\n", [("A", 2, 4), ("A.f", 3, 3)]),
    "a.rb": ("module M\n  def self.f\n    g(1)\n  end\nend\n", [("M", 1, 5), ("M.f", 2, 4)]),
    "a.css": ("p { color: red }\n", []),
}


@pytest.mark.parametrize("path", CASES)
def test_definitions_have_the_names_of_what_is_around_them(path: str) -> None:
    text, expected = CASES[path]

    symbols = symbols_of(Source.of(path, text))

    assert [(symbol.name, symbol.first_line, symbol.last_line) for symbol in symbols.defined] == expected


def test_the_innermost_function_is_around_a_line_and_uses_are_known_by_name() -> None:
    symbols = symbols_of(Source.of("a.py", CASES["a.py"][0]))

    assert [around.name if (around := symbols.around(line)) else "" for line in (1, 4, 6, 8)] == ["f", "", "C", "C.m"]
    assert symbols.uses["g"] == (3, 8)
