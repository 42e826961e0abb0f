"""Tools that the model may call."""
import ast
import contextlib
import io
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import Any, Callable

import pandas as pd
import requests
from langchain.chains import LLMMathChain
from langchain.tools import BaseTool, tool
from langchain_experimental.utilities import PythonREPL
from openai import OpenAI
from sqlalchemy import create_engine, text

client = OpenAI()


def complete(prompt: str) -> str:
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": prompt}])
    return answer.choices[0].message.content


class PythonTool(BaseTool):
    name = "python"
    description = "Runs Python."

    def _run(self, query: str) -> str:
        buffer = io.StringIO()
        with contextlib.redirect_stdout(buffer):
            exec(query, {})
        return buffer.getvalue()


class ShellTool(BaseTool):
    name = "shell"

    def _run(self, command: str) -> str:
        return subprocess.run(command, shell=True, capture_output=True, text=True).stdout


@tool
def read_note(name: str) -> str:
    """Reads a note."""
    with open(os.path.join("/srv/notes", name)) as handle:
        return handle.read()


@tool
def browse(url: str) -> str:
    """Reads a web page."""
    return requests.get(url, timeout=10).text


@tool
def weather(city: str) -> str:
    """Says the weather."""
    return requests.get("https://weather.example.com/v1", params={"q": city}, timeout=10).text


class SqlAgent:
    def __init__(self, url: str):
        self.engine = create_engine(url)

    def answer(self, question: str):
        sql = complete(f"Write a SQL query for: {question}")
        with self.engine.connect() as connection:
            return connection.execute(text(sql)).fetchall()


class FrameAgent:
    """Answers questions about a data frame."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def ask(self, question: str):
        code = complete(f"Write Python for: {question}")
        match = re.search(r"```python(.*?)```", code, re.S)
        scope = {"df": self.frame}
        exec(match.group(1), scope)
        return scope.get("result")

    def expression(self, question: str):
        return self.frame.eval(complete(question))

    def parsed(self, question: str):
        return ast.literal_eval(complete(question))


class Calculator:
    def run(self, expression: str) -> float:
        return eval(expression)

    def safe(self, expression: str) -> float:
        tree = ast.parse(expression, mode="eval")
        return _evaluate(tree.body)


def _evaluate(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _evaluate(node.left) + _evaluate(node.right)
    raise ValueError


def call_tool(message: Any, registry: dict[str, Callable]):
    call = message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    return registry[call.function.name](**arguments)
