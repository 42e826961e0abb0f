import ast
import math
import operator
import os
import shlex
import sqlite3
import subprocess

import requests

SAFE = {"sqrt": math.sqrt, "pi": math.pi}


def calculate(expression):
    if any(word in expression for word in ("import", "__")):
        raise ValueError("not allowed")
    return eval(expression, {"__builtins__": {}}, SAFE)


def run_python(code):
    scope = {}
    exec(code, scope)
    return scope.get("result")


def run_shell(command):
    return subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=10).stdout


def parse(literal):
    return ast.literal_eval(literal)


def sql(statement):
    return sqlite3.connect("data.db").execute(statement).fetchall()


def lookup(name):
    rows = sqlite3.connect("data.db").execute("SELECT value FROM facts WHERE name = ?", (name,))
    return [row[0] for row in rows]


def download(url, name):
    content = requests.get(url, timeout=10).content
    with open(os.path.join("/workspace", name), "wb") as out:
        out.write(content)


TOOLS = {"calculate": calculate, "python": run_python, "shell": run_shell, "parse": parse, "sql": sql, "download": download}
