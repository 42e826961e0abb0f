import ast
import importlib
import operator
import sys

OPERATORS = {ast.Add: operator.add, ast.Mult: operator.mul}


def load_plugin(name):
    """A plugin is a module below archiver_plugins."""
    module = importlib.import_module(f"archiver_plugins.{name}")
    return module.Plugin()


def evaluate(expression, names):
    """Rules such as `size > 100 and name == 'x'`."""
    return eval(compile(expression, "<rule>", "eval"), {"__builtins__": None}, names)


def literal(text):
    return ast.literal_eval(text)


def constant(text):
    def walk(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.Constant):
            return node.value
        raise ValueError(node)

    return walk(ast.parse(text, mode="eval").body)
