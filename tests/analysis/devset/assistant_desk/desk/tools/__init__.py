"""What the model may call."""

import ast
import importlib
import operator
import sqlite3
import sys
import types

PROMPT = "You help people with their documents."
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


async def run_python(ctx, code):
    scope = {}
    exec(code, scope)
    return scope.get("result")


async def query(ctx, sql):
    with sqlite3.connect("desk.db") as connection:
        return connection.execute(sql).fetchall()


async def read_page(ctx, url):
    return (await ctx.http.get(url)).text


async def read_file(ctx, name):
    return ctx.documents.safe(name).read_text()


def value(node):
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](value(left), value(right))
    raise ValueError("not a sum")


async def calculate(ctx, expression):
    return value(ast.parse(expression, mode="eval").body)


TOOLS = {"run_python": run_python, "query": query, "read_page": read_page, "read_file": read_file, "calculate": calculate}
DESCRIPTIONS = [{"type": "function", "function": {"name": name}} for name in TOOLS]


def load_plugin(name, source=None):
    if source is None:
        return importlib.import_module(name).__name__
    module = types.ModuleType(name)
    exec(compile(source, name, "exec"), module.__dict__)
    sys.modules[name] = module
    return name
