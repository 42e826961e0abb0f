"""What the parts of PHP's lowering share: its tables, the class around, and how names are written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import TreeLowering, dotted
from server.analysis.php.file import PhpFile
from server.analysis.php.lowering.expressions import EXPRESSIONS
from server.analysis.php.lowering.statements import STATEMENTS

ECHO_TAG = "<?="
"""Also the name of an `echo` in a file that is a page: what it writes stands among markup."""

_MARKUP = re.compile(r"(?:\A|\?>)[^<]{0,200}<[A-Za-z!/]|^\s*(?:echo|print)\b\s*\(?\s*['\"]\s*<[A-Za-z!/]", re.MULTILINE)
_SHORTCODE = re.compile(
    r"""\badd_shortcode\(\s*['"][\w-]+['"]\s*,\s*(?:(?:array\s*\(|\[)\s*[^,()]{1,60},\s*)?['"](?:\w+::)?(\w+)['"]"""
)
_ANSWERS = re.compile(r"(?:^|/)routes/\w+\.php$|Controller\.php$")
_PLAIN_TYPE = re.compile(
    r"\bheader\s*\(\s*['\"]content-type:\s*(?!text/html|application/xhtml|image/svg)\w", re.IGNORECASE
)
_LONGEST = 4_000
"""Characters of a function in which it says what it writes."""

_NUMBERS = frozenset({"int", "float", "bool"})


class Lowering(TreeLowering[PhpFile]):
    """Of one file. *owner*: the class around, *statics*: its static methods."""

    SKIPPED = frozenset({"comment", "php_tag", "php_end_tag", "text", "text_interpolation", "visibility_modifier"})
    BLOCKS = frozenset({"program", "compound_statement", "colon_block", "else_clause", "finally_clause"})

    def __init__(self, file: PhpFile, module: str) -> None:
        super().__init__(file, module, EXPRESSIONS, STATEMENTS)
        self.echo_name = ECHO_TAG if _MARKUP.search(file.source.text) else "echo"
        self.is_laravel = "Illuminate\\Http\\Request" in file.source.text
        self.answers = _ANSWERS.search(file.source.path) is not None and "Illuminate\\" in file.source.text
        """Whether its functions give back pages: those of Laravel's routes and controllers."""
        self.shortcodes = frozenset(_SHORTCODE.findall(file.source.text))
        self.owner = ""
        self.statics: frozenset[str] = frozenset()

    @contextmanager
    def within(self, name: str, statics: frozenset[str]) -> Iterator[None]:
        """A class of that name."""
        around = self.qualified, self.owner, self.statics
        self.qualified, self.owner, self.statics = f"{self.qualified}.{name}", name, statics
        try:
            yield
        finally:
            self.qualified, self.owner, self.statics = around

    @contextmanager
    def answering(self, function: Node) -> Iterator[None]:
        """A function that may say that what it writes is no page."""
        around = self.echo_name
        if self.echo_name == "echo" and _PLAIN_TYPE.search(self.text(function)[:_LONGEST]):
            self.echo_name = "%echo_plain"
        try:
            yield
        finally:
            self.echo_name = around

    def block(self, node: Node | None) -> list[p.Statement]:
        """`<?= e ?>` writes e into the page: an expression after such a tag is an `echo`."""
        if node is None or node.type not in self.BLOCKS:
            return super().block(node)
        out: list[p.Statement] = []
        echoes = False
        for child in node.named_children:
            if child.type in ("text_interpolation", "php_tag"):
                echoes = self.text(child).rstrip().endswith(ECHO_TAG)
            elif echoes and child.type == "expression_statement":
                out.append(self.echo(child, self.exprs(child)))
                echoes = False
            else:
                self.statement(child, out)
        return out

    def echo(self, node: Node, values: list[p.Expr]) -> p.Statement:
        line = self.line(node)
        return p.Do(line, p.Call(line, p.Name(line, self.echo_name), values, [], self.span(node)))

    def type(self, node: Node | None) -> p.Expr | None:
        """The class, or `int` for any number."""
        while node is not None and node.type in ("optional_type", "union_type", "named_type"):
            node = next(iter(node.named_children), None)
        if node is None:
            return None
        name, line = self.text(node), self.line(node)
        if name in ("self", "static") and self.owner:
            return p.Name(line, self.owner)
        if node.type == "primitive_type":
            return p.Name(line, "int") if name in _NUMBERS else None
        return self.class_name(node) if node.type in ("name", "qualified_name") else None

    def class_name(self, node: Node) -> p.Expr:
        """`Foo\\Bar` as `Foo.Bar`."""
        return dotted(as_dotted(self.text(node)), self.line(node))


def as_dotted(name: str) -> str:
    return name.strip("\\").replace("\\", ".")
