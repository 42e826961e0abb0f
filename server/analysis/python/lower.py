"""Python's syntax tree, lowered into the language that the flow analysis reads.

One pass over statements; expressions are lowered by `lower_expressions.py`. Decides nothing about values.
"""

import ast
from collections.abc import Callable
from typing import Any

from server.analysis.budget import spend
from server.analysis.flow.program import (
    Assign,
    Class,
    Collection,
    Const,
    Define,
    DefineClass,
    Do,
    Expr,
    Function,
    Handler,
    If,
    Import,
    Jump,
    Loop,
    Module,
    Name,
    Op,
    Operator,
    Outer,
    Param,
    ParamKind,
    Raise,
    Return,
    Shape,
    Statement,
    Try,
    Unknown,
    With,
)
from server.analysis.python.file import PythonFile
from server.analysis.python.lower_expressions import Expressions
from server.analysis.python.partials import named_function
from server.analysis.python.renamed import modern
from server.analysis.source import Source


def lower(file: PythonFile) -> Module:
    """Raises RecursionError for code that is nested too deeply."""
    source = file.source
    name, is_package = module_name(source.path)
    lowering = _Lowering(source, name, is_package)
    body: list[Statement] = []
    for statement in file.tree.body:
        known = file.lowered.get(statement)
        if known is None:
            known = file.lowered[statement] = lowering.block([statement])
        body += known
    return Module(source.path, name, source.language, source.is_test, body)


def module_name(path: str) -> tuple[str, bool]:
    """`src/shop/views.py` is `shop.views`; `shop/__init__.py` is the package `shop`."""
    parts = path.replace("\\", "/").split("/")
    parts[-1] = parts[-1].rpartition(".")[0] or parts[-1]
    is_package = parts[-1] == "__init__"
    if is_package:
        parts.pop()
    return ".".join(part for part in parts if part not in ("src", "", ".")), is_package


class _Lowering:
    def __init__(self, source: Source, module: str, is_package: bool) -> None:
        self.package = module if is_package else module.rpartition(".")[0]
        self.scope = module
        self.in_class = False
        self.lines = source.lines
        self.expressions = Expressions(source, self.function)
        self.expression = self.expressions.lower
        self.span = self.expressions.span

    def block(self, nodes: list[ast.stmt]) -> list[Statement]:
        out: list[Statement] = []
        for node in nodes:
            spend()
            lower_statement = _STATEMENTS.get(node.__class__)
            if lower_statement is not None:
                lower_statement(self, node, out)
        return out

    def optional(self, node: ast.expr | None) -> Expr | None:
        return None if node is None else self.expression(node)

    # Definitions

    def function(self, node: Any, name: str) -> Function:
        """Of a `def`, or of a lambda (*name* is then `<lambda>`)."""
        outer_scope, was_class = self.scope, self.in_class
        is_lambda = node.__class__ is ast.Lambda
        decorators = [] if is_lambda else [self.expression(d) for d in node.decorator_list]
        params = self.params(node.args)
        returns = None if is_lambda else self.annotation(node.returns)
        self.scope, self.in_class = f"{outer_scope}.{name}", False
        if is_lambda:
            body: list[Statement] = [Return(node.lineno, self.expression(node.body), self.span(node.body))]
        else:
            body = self.block(node.body)
        self.scope, self.in_class = outer_scope, was_class
        return Function(
            name,
            f"{outer_scope}.{name}",
            params,
            body,
            node.lineno,
            node.end_lineno or node.lineno,
            decorators,
            returns,
            node.__class__ is ast.AsyncFunctionDef,
            was_class and not is_lambda,
            any(d.__class__ is Name and d.id == "staticmethod" for d in decorators),
            0 if is_lambda else self.written(node),
        )

    def written(self, node: Any) -> int:
        """Of all lines that it stands on, those of its decorators too."""
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return hash("\n".join([f"{node.lineno - first}", *self.lines[first - 1 : node.end_lineno]]))

    def params(self, args: ast.arguments) -> list[Param]:
        plain = [*args.posonlyargs, *args.args] if args.posonlyargs else args.args
        without_default = len(plain) - len(args.defaults)
        params = []
        for index, arg in enumerate(plain):
            default = args.defaults[index - without_default] if index >= without_default else None
            params.append(self.param(arg, ParamKind.PLAIN, default))
        if args.vararg:
            params.append(self.param(args.vararg, ParamKind.REST, None))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            params.append(self.param(arg, ParamKind.KEYWORD_ONLY, default))
        if args.kwarg:
            params.append(self.param(args.kwarg, ParamKind.KEYWORDS, None))
        return params

    def param(self, arg: ast.arg, kind: ParamKind, default: ast.expr | None) -> Param:
        return Param(arg.arg, kind, self.optional(default), self.annotation(arg.annotation))

    def annotation(self, node: ast.expr | None) -> Expr | None:
        """What is written as text (`"User"`) is read as the type that it names."""
        if node is None:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.expressions.type_in_text(node)
        return self.expression(node)

    def define(self, node: Any, out: list[Statement]) -> None:
        out.append(Define(node.lineno, self.function(node, node.name)))

    def define_class(self, node: ast.ClassDef, out: list[Statement]) -> None:
        outer_scope, was_class = self.scope, self.in_class
        bases = [self.expression(base) for base in node.bases]
        decorators = [self.expression(d) for d in node.decorator_list]
        qualified = f"{outer_scope}.{node.name}"
        self.scope, self.in_class = qualified, True
        body = self.block(node.body)
        self.scope, self.in_class = outer_scope, was_class
        end = node.end_lineno or node.lineno
        out.append(DefineClass(node.lineno, Class(node.name, qualified, bases, body, node.lineno, end, decorators)))

    # Simple statements

    def do(self, node: ast.Expr, out: list[Statement]) -> None:
        if node.value.__class__ is not ast.Constant:
            out.append(Do(node.lineno, self.expression(node.value)))

    def assign(self, node: ast.Assign, out: list[Statement]) -> None:
        target = node.targets[0]
        function = named_function(node.value) if target.__class__ is ast.Name and len(node.targets) == 1 else None
        if function is not None and not self.in_class:
            out.append(Define(node.lineno, self.function(function, target.id)))  # type: ignore[attr-defined]
            return
        value = self.expression(node.value)
        out.append(Assign(node.lineno, [self.expression(t) for t in node.targets], value, self.span(node)))

    def assign_annotated(self, node: ast.AnnAssign, out: list[Statement]) -> None:
        value = Unknown(node.lineno, []) if node.value is None else self.expression(node.value)
        target = self.expression(node.target)
        out.append(Assign(node.lineno, [target], value, self.span(node), annotation=self.annotation(node.annotation)))

    def assign_augmented(self, node: ast.AugAssign, out: list[Statement]) -> None:
        target = self.expression(node.target)
        value = self.expressions.binary(node, target, node.op, node.value)
        out.append(Assign(node.lineno, [target], value, self.span(node), augmented=True))

    def returns(self, node: ast.Return, out: list[Statement]) -> None:
        span = self.span(node if node.value is None else node.value)
        out.append(Return(node.lineno, self.optional(node.value), span))

    def raises(self, node: ast.Raise, out: list[Statement]) -> None:
        out.append(Raise(node.lineno, self.optional(node.exc)))

    def asserts(self, node: ast.Assert, out: list[Statement]) -> None:
        test = Op(node.lineno, Operator.NOT, [self.expression(node.test)])
        out.append(If(node.lineno, test, [Raise(node.lineno, self.optional(node.msg))], []))

    def jump(self, node: ast.stmt, out: list[Statement]) -> None:
        out.append(Jump(node.lineno))

    def outer(self, node: Any, out: list[Statement]) -> None:
        out.append(Outer(node.lineno, list(node.names)))

    def imports(self, node: ast.Import, out: list[Statement]) -> None:
        bindings = []
        for alias in node.names:
            root = alias.name.partition(".")[0]
            bindings.append((alias.asname, modern(alias.name)) if alias.asname else (root, modern(root)))
        out.append(Import(node.lineno, bindings))

    def imports_from(self, node: ast.ImportFrom, out: list[Statement]) -> None:
        module = self.absolute(node.level, node.module or "")
        bindings = [
            ("*", modern(module))
            if alias.name == "*"
            else (alias.asname or alias.name, modern(f"{module}.{alias.name}".lstrip(".")))
            for alias in node.names
        ]
        out.append(Import(node.lineno, bindings))

    def absolute(self, level: int, module: str) -> str:
        if not level:
            return module
        package = self.package.split(".") if self.package else []
        parts = package[: len(package) - level + 1]
        return ".".join([*parts, module] if module else parts)

    # Compound statements

    def conditional(self, node: ast.If, out: list[Statement]) -> None:
        """A long `elif` chain nests in the tree; it is walked along, not down."""
        chain = [node]
        while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
            chain.append(chain[-1].orelse[0])
        orelse = self.block(chain[-1].orelse)
        for link in reversed(chain):
            orelse = [If(link.lineno, self.expression(link.test), self.block(link.body), orelse)]
        out.extend(orelse)

    def loop_for(self, node: Any, out: list[Statement]) -> None:
        target, iterable = self.expression(node.target), self.expression(node.iter)
        out.append(Loop(node.lineno, target, iterable, None, self.block(node.body), self.block(node.orelse)))

    def loop_while(self, node: ast.While, out: list[Statement]) -> None:
        test = self.expression(node.test)
        out.append(Loop(node.lineno, None, None, test, self.block(node.body), self.block(node.orelse)))

    def tries(self, node: Any, out: list[Statement]) -> None:
        handlers = [
            Handler(handler.lineno, _caught(handler.type), handler.name or "", self.block(handler.body))
            for handler in node.handlers
        ]
        body, orelse, final = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
        out.append(Try(node.lineno, body, handlers, orelse, final))

    def enters(self, node: Any, out: list[Statement]) -> None:
        items = [(self.expression(item.context_expr), self.optional(item.optional_vars)) for item in node.items]
        out.append(With(node.lineno, items, self.block(node.body)))

    def matches(self, node: ast.Match, out: list[Statement]) -> None:
        """Cases become a chain of tests; what a pattern binds becomes assignments before the case's body."""
        subject = self.expression(node.subject)
        if not isinstance(subject, Name):
            out.append(Assign(node.lineno, [Name(node.lineno, "match subject")], subject, self.span(node.subject)))
            subject = Name(node.lineno, "match subject")
        orelse: list[Statement] = []
        for case in reversed(node.cases):
            bound: list[Statement] = []
            test = self.pattern(case.pattern, subject, bound)
            body = [*bound, *self.block(case.body)]
            if case.guard is not None:
                guard = self.expression(case.guard)
                line = case.pattern.lineno
                test = guard if bound or test is None else Op(line, Operator.AND, [test, guard])
                if bound:
                    out.extend(bound)
            orelse = body if test is None else [If(case.pattern.lineno, test, body, orelse)]
        out.extend(orelse)

    def pattern(self, node: ast.pattern, subject: Expr, bound: list[Statement]) -> Expr | None:
        """The test of a pattern; None where it always fits."""
        line = node.lineno
        if isinstance(node, ast.MatchValue):
            return Op(line, Operator.COMPARE, [subject, self.expression(node.value)], "==")
        if isinstance(node, ast.MatchSingleton):
            return Op(line, Operator.COMPARE, [subject, Const(line, node.value)], "is")
        if isinstance(node, ast.MatchOr):
            tests = [self.pattern(pattern, subject, bound) for pattern in node.patterns]
            known = [test for test in tests if test is not None]
            return Op(line, Operator.OR, known) if len(known) == len(tests) else None
        if isinstance(node, ast.MatchAs):
            test = None if node.pattern is None else self.pattern(node.pattern, subject, bound)
            if node.name:
                bound.append(Assign(line, [Name(line, node.name)], subject, self.expressions.pattern_span(node)))
            return test
        names = _captured(node)
        if names:
            targets: list[Expr] = [Collection(line, Shape.TUPLE, [(None, Name(line, name))]) for name in names]
            bound.append(Assign(line, targets, subject, self.expressions.pattern_span(node)))
        return Unknown(line, [])


def _captured(pattern: ast.pattern) -> list[str]:
    """The names that a structured pattern binds: each is taken for any part of the subject."""
    names = []
    for node in ast.walk(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return names


def _caught(node: ast.expr | None) -> list[str]:
    if node is None:
        return []
    return [ast.unparse(e) for e in (node.elts if isinstance(node, ast.Tuple) else [node])]


_STATEMENTS: dict[type, Callable[[_Lowering, Any, list[Statement]], None]] = {
    ast.FunctionDef: _Lowering.define,
    ast.AsyncFunctionDef: _Lowering.define,
    ast.ClassDef: _Lowering.define_class,
    ast.Expr: _Lowering.do,
    ast.Assign: _Lowering.assign,
    ast.AnnAssign: _Lowering.assign_annotated,
    ast.AugAssign: _Lowering.assign_augmented,
    ast.Return: _Lowering.returns,
    ast.Raise: _Lowering.raises,
    ast.Assert: _Lowering.asserts,
    ast.Break: _Lowering.jump,
    ast.Continue: _Lowering.jump,
    ast.Global: _Lowering.outer,
    ast.Nonlocal: _Lowering.outer,
    ast.Import: _Lowering.imports,
    ast.ImportFrom: _Lowering.imports_from,
    ast.If: _Lowering.conditional,
    ast.For: _Lowering.loop_for,
    ast.AsyncFor: _Lowering.loop_for,
    ast.While: _Lowering.loop_while,
    ast.Try: _Lowering.tries,
    ast.TryStar: _Lowering.tries,
    ast.With: _Lowering.enters,
    ast.AsyncWith: _Lowering.enters,
    ast.Match: _Lowering.matches,
}
