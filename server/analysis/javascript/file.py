"""A parsed JavaScript or TypeScript file."""

from collections import defaultdict
from functools import cached_property
from typing import Any

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language as Grammar
from tree_sitter import Node

from server.analysis.language import Language
from server.analysis.source import Source
from server.analysis.tree import TreeFile

_GRAMMARS = {
    # The grammar of TypeScript has no JSX; that of JavaScript has.
    Language.JAVASCRIPT: Grammar(tree_sitter_javascript.language()),
    Language.TYPESCRIPT: Grammar(tree_sitter_typescript.language_typescript()),
    Language.TSX: Grammar(tree_sitter_typescript.language_tsx()),
}


_GIVES = (
    ("variable_declarator", "name", "value"),
    ("assignment_expression", "left", "right"),
    ("augmented_assignment_expression", "left", "right"),
)


def _is_const(value: Node) -> bool:
    declaration = value.parent.parent if value.parent is not None else None
    return declaration is not None and declaration.child(0) is not None and declaration.children[0].type == "const"


_FUNCTIONS = frozenset(
    {
        *("function_declaration", "function_expression", "arrow_function", "method_definition"),
        *("generator_function", "generator_function_declaration"),
    }
)


def _function_around(node: Node) -> Node | None:
    while (node := node.parent) is not None:  # type: ignore[assignment]
        if node.type in _FUNCTIONS:
            return node
    return None


def _owner(value: Node, owners: list[Node | None]) -> Node | None:
    """The function whose own the name is to which the value goes, as far as *owners* declare it; None for the file."""
    if _is_declared(value):
        return _function_around(value)
    return next((owner for owner in owners if owner is not None and _holds(owner, value)), None)


def _is_declared(value: Node) -> bool:
    return value.parent is not None and value.parent.type == "variable_declarator"


def _holds(outer: Node, node: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


class JavaScriptFile(TreeFile):
    WANTED = (
        "assignment_expression",
        "augmented_assignment_expression",
        "binary_expression",
        "catch_clause",
        "do_statement",
        "finally_clause",
        "for_statement",
        "if_statement",
        "for_in_statement",
        "import_statement",
        "jsx_attribute",
        "new_expression",
        "object",
        "pair",
        "statement_block",
        "string",
        "regex",
        "switch_statement",
        "variable_declarator",
        "while_statement",
        "function_declaration",
        "method_definition",
        "public_field_definition",
        "field_definition",
        "program",
        "expression_statement",
        "ternary_expression",
        "parenthesized_expression",
        "unary_expression",
        "await_expression",
        "switch_case",
        "switch_default",
        "template_string",
    )
    CALLS = ("call_expression", "new_expression")

    @cached_property
    def constants(self) -> dict[str, Node]:
        """Values of `const` names that are declared once in the file."""
        values = {name: nodes[0] for name, nodes in self.locals.items() if len(nodes) == 1}
        return {name: value for name, value in values.items() if _is_const(value)}

    @cached_property
    def locals(self) -> dict[str, list[Node]]:
        """Every value that a plain name is given anywhere in the file."""
        found: dict[str, list[Node]] = defaultdict(list)
        for kind, target, value in _GIVES:
            for node in self.nodes(kind):
                name, given = node.child_by_field_name(target), node.child_by_field_name(value)
                if name is not None and name.type == "identifier" and given is not None:
                    found[self.text(name)].append(given)
        return found

    @cached_property
    def answers(self) -> dict[tuple[str, str, int], Any]:
        """What was found out of names, by the question, the name and where the function around it begins: names are
        made of each other, and asking again and again would take as long as there are ways among them.
        """
        return {}

    def place_of(self, question: str, name: Node) -> tuple[str, str, int]:
        """The key of an answer."""
        around = _function_around(name)
        return question, self.text(name), around.start_byte if around is not None else -1

    def given(self, name: Node) -> list[Node]:
        """What the plain name may have been given where it stands: not what its namesakes in other functions are."""
        values = self.locals.get(self.text(name), [])
        if len(values) < 2 and not (values and _is_declared(values[0])):
            return values
        place = self.place_of("given", name)
        known: list[Node] | None = self.answers.get(place)
        if known is None:
            owners = [_function_around(value) for value in values if _is_declared(value)]
            known = [value for value in values if (of := _owner(value, owners)) is None or _holds(of, name)]
            self.answers[place] = known
        return known

    def given_here(self, name: Node) -> list[Node]:
        """All values of a name that the function around it declares; none where it comes from further out or of an
        argument.
        """
        place = self.place_of("given here", name)
        known: list[Node] | None = self.answers.get(place)
        if known is None:
            here = _function_around(name)
            values = [v for v in self.locals.get(self.text(name), ()) if here is None or _holds(here, v)]
            is_own = any(_is_declared(value) and _function_around(value) == here for value in values)
            known = self.answers[place] = values if is_own else []
        return known

    @classmethod
    def grammar_of(cls, source: Source) -> Grammar:
        return _GRAMMARS[source.language]

    def callee(self, call: Node) -> str:
        return self.dotted(call.child_by_field_name("function") or call.child_by_field_name("constructor"))

    def dotted(self, node: Node | None) -> str:
        """`child_process.exec`; an expression without a name before the last dots is left out: `.exec`."""
        parts: list[str] = []
        while node is not None and node.type == "member_expression":
            parts.append(self.text(node.child_by_field_name("property")))
            node = node.child_by_field_name("object")
        if node is not None and node.type in ("identifier", "this", "property_identifier"):
            parts.append(self.text(node))
        elif parts:
            parts.append("")
        return ".".join(reversed(parts))
