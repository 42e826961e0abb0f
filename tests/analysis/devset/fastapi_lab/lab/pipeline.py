import ast
import importlib
import json
import operator
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import jinja2
import pandas as pd
import yaml
from sklearn.pipeline import Pipeline

TEMPLATE = """
import pandas as pd
df = pd.read_parquet("{path}")
result = df.groupby("{column}").{method}()
"""

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


@dataclass
class Step:
    name: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)

    def build(self):
        module, _, attribute = self.kind.rpartition(".")
        return getattr(importlib.import_module(module), attribute)(**self.options)


class Plan:
    def __init__(self, text: str):
        self.document = yaml.load(text, Loader=yaml.CLoader)
        self.steps = [Step(**step) for step in self.document["steps"]]

    def pipeline(self):
        return Pipeline([(step.name, step.build()) for step in self.steps])


class Transform:
    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def where(self, condition: str):
        return self.frame.query(condition)

    def assign(self, column: str, expression: str):
        self.frame[column] = self.frame.eval(expression, engine="python")
        return self.frame

    def select(self, columns: list[str]):
        return self.frame[columns]

    def compute(self, expression: str):
        return _value(ast.parse(expression, mode="eval").body, self.frame)


def _value(node, frame):
    if isinstance(node, ast.Name):
        return frame[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, frame), _value(node.right, frame))
    raise ValueError("unsupported")


def run_report(path: str, column: str, method: str):
    scope: dict[str, Any] = {}
    exec(TEMPLATE.format(path=path, column=column, method=method), scope)
    return scope["result"]


def run_notebook(path: str, parameters: dict[str, str]):
    arguments = " ".join(f"-p {k} {v}" for k, v in parameters.items())
    return subprocess.run(f"papermill {path} out.ipynb {arguments}", shell=True)


def install(package: str):
    subprocess.check_call([sys.executable, "-m", "pip", "install", package])


def lint(path: str):
    subprocess.check_call([sys.executable, "-m", "ruff", "check", "--", path])
