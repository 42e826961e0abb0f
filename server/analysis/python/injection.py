"""Calls that are dangerous whoever makes them: a list for a shell, YAML that makes any object, XML entities.

What becomes dangerous by whose value it is, the flow analysis tells (`server/analysis/flow/`).
"""

import ast
import re
from collections.abc import Iterator

from server.analysis.bug_rules import SHELL_DROPS_ARGUMENTS
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import (
    argument,
    is_constant,
)
from server.analysis.rule import Hit, check
from server.analysis.rules import UNSAFE_DESERIALIZATION, XML_ENTITIES
from server.reviews.finding import Edit, Fix


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


@check(
    SHELL_DROPS_ARGUMENTS,
    on=called("run", "call", "check_call", "check_output", "Popen"),
    bad=('import subprocess\nsubprocess.run(["ls", "-l"], shell=True)\n',),
    good=(
        'import subprocess\nsubprocess.run(["ls", "-l"])\n',
        'import subprocess\nsubprocess.run("ls -l", shell=True)\n',
        'import subprocess\nsubprocess.run(["ls -l"], shell=True)\n',
    ),
)
def shell_drops_arguments(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    command = argument(call, 0, "args")
    if not file.dotted(call.func).startswith("subprocess.") or not is_constant(_keyword(call, "shell"), True):
        return
    if isinstance(command, ast.List) and len(command.elts) > 1:
        yield Hit(file.span(call), "A list of arguments with shell=True: all but the first are lost")


_UNSAFE_YAML = frozenset(
    {"yaml.Loader", "yaml.UnsafeLoader", "yaml.CLoader", "yaml.loader.Loader", "yaml.loader.UnsafeLoader"}
)


@check(
    UNSAFE_DESERIALIZATION,
    on=called("load", "load_all", "unsafe_load", "unsafe_load_all"),
    bad=(
        "import yaml\nyaml.load(text)\n",
        "import yaml\nyaml.load(text, Loader=yaml.Loader)\n",
        "from yaml import load, Loader\nload(text, Loader)\n",
        "import yaml\nyaml.unsafe_load(text)\n",
        "import yaml\nclass Including(yaml.Loader):\n    pass\nyaml.load(text, Including)\n",
    ),
    good=(
        "import yaml\nyaml.safe_load(text)\n",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)\n",
        "import yaml\nclass Including(yaml.SafeLoader):\n    pass\nyaml.load(text, Including)\n",
        "import json\njson.load(file)\n",
        "from ruamel import yaml\nyaml.load(text)\n",
    ),
)
def unsafe_yaml(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name not in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.unsafe_load_all"):
        return
    loader = argument(call, 1, "Loader")
    if "unsafe" in name or (loader is not None and _makes_anything(loader, file)):
        yield Hit(file.span(call), f"{name}() makes any Python object that the text names")
    elif loader is None and not any(keyword.arg is None for keyword in call.keywords):
        yield Hit(file.span(call), f"{name}() without a Loader", _safe_load(call, file))


def _makes_anything(loader: ast.expr, file: PythonFile) -> bool:
    """An unsafe loader, or a class of this file that inherits from one."""
    name = file.dotted(loader)
    if name in _UNSAFE_YAML:
        return True
    own = (c for c in file.nodes(ast.ClassDef) if isinstance(c, ast.ClassDef) and c.name == name)
    return any(file.dotted(base) in _UNSAFE_YAML for cls in own for base in cls.bases)


def _safe_load(call: ast.Call, file: PythonFile) -> Fix | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    at = file.span(call.func)
    start = at.end_column - len(call.func.attr)
    return Fix("Use the safe loader", (Edit(at.end_line, start, at.end_line, start, "safe_"),), safe=False)


_UNPICKLES = re.compile(r"^(?:_?pickle|dill|cloudpickle|jsonpickle|yaml)\.(?:loads|unsafe_load|decode)$")


@check(
    UNSAFE_DESERIALIZATION,
    on=(ast.keyword,),
    bad=("import pickle\nfrom kafka import KafkaConsumer\nKafkaConsumer('a', value_deserializer=pickle.loads)\n",),
    good=("import json\nfrom kafka import KafkaConsumer\nKafkaConsumer('a', value_deserializer=json.loads)\n",),
)
def unsafe_deserializer(keyword: ast.keyword, file: PythonFile) -> Iterator[Hit]:
    """Of what a broker hands out: whoever may write to it runs code here."""
    if (keyword.arg or "") not in ("value_deserializer", "key_deserializer", "deserializer"):
        return
    value = keyword.value
    made_by = value.body.func if isinstance(value, ast.Lambda) and isinstance(value.body, ast.Call) else value
    if _UNPICKLES.match(file.dotted(made_by)):
        yield Hit(file.span(keyword), f"Messages are read with {file.dotted(made_by)}()")


@check(
    XML_ENTITIES,
    on=called("XMLParser", "setFeature"),
    bad=(
        "from lxml import etree\netree.XMLParser(resolve_entities=True)\n",
        "from lxml import etree\netree.XMLParser(load_dtd=True)\n",
        "from lxml import etree\netree.XMLParser(no_network=False)\n",
        "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n"
        "parser.setFeature(feature_external_ges, True)\n",
    ),
    good=(
        "from lxml import etree\netree.XMLParser(resolve_entities=False)\n",
        "from lxml import etree\netree.XMLParser(resolve_entities=False, load_dtd=True)\n",
        "from lxml import etree\netree.XMLParser()\n",
        "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n"
        "parser.setFeature(feature_external_ges, False)\n",
    ),
)
def xml_entities(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    off = is_constant(_keyword(call, "resolve_entities"), False)
    loads = any(is_constant(_keyword(call, name), True) for name in ("load_dtd", "dtd_validation"))
    reaches = is_constant(_keyword(call, "no_network"), False)
    resolves = is_constant(_keyword(call, "resolve_entities"), True) or ((loads or reaches) and not off)
    turned_on = (
        len(call.args) == 2
        and file.dotted(call.args[0]).endswith(("feature_external_ges", "feature_external_pes"))
        and isinstance(call.args[1], ast.Constant)
        and bool(call.args[1].value)
    )
    if resolves or turned_on:
        yield Hit(file.span(call), "The XML parser resolves external entities")


CHECKS = (shell_drops_arguments, unsafe_deserializer, unsafe_yaml, xml_entities)
