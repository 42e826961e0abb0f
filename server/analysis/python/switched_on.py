"""Options of libraries that take a protection away, in the words of their own names. Data, and what reads it."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.flow.rules import DECOMPRESSION_BOMB
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import is_constant
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import CODE_FROM_TEXT, UNSAFE_DESERIALIZATION, XML_ENTITIES
from server.reviews.finding import Confidence, Severity

LISTED_FOLDER = Rule(
    "hive.listed-folder",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Everybody may see which files there are in the folder, also those that no page links to.",
    548,
    in_tests=False,
    also=(200, 552, 497, 538),
    remedy="Leave the index off, and serve files by their names.",
)


class _Option(NamedTuple):
    """*of*: which functions take it, by their last name. *package*: only in files that import it."""

    rule: Rule
    of: re.Pattern[str]
    name: str
    message: str
    package: str = ""


_OPTIONS = (
    _Option(
        UNSAFE_DESERIALIZATION,
        re.compile(r"load_local|load|from_\w+|read"),
        "allow_dangerous_deserialization",
        "A pickle is loaded, which may run anything",
    ),
    _Option(
        CODE_FROM_TEXT,
        re.compile(r"create_\w+_agent|from_\w+|\w*(?:Chain|Tool|Agent)"),
        "allow_dangerous_code",
        "What a language model answers is run as code",
    ),
    _Option(XML_ENTITIES, re.compile(r"svg2\w+"), "unsafe", "The image may name files and addresses to read"),
    _Option(LISTED_FOLDER, re.compile(r"add_static|static"), "show_index", "The folder's files are listed", "aiohttp"),
    _Option(LISTED_FOLDER, re.compile(r"static"), "directory_view", "The folder's files are listed", "sanic"),
)


@check(
    UNSAFE_DESERIALIZATION,
    on=called("load_local"),
    bad=(
        "from langchain_community.vectorstores import FAISS\n"
        "FAISS.load_local(folder, embeddings, allow_dangerous_deserialization=True)\n",
    ),
    good=("from langchain_community.vectorstores import FAISS\nFAISS.load_local(folder, embeddings)\n",),
)
def dangerous_pickle(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    yield from _switched_on(call, file, UNSAFE_DESERIALIZATION)


@check(
    CODE_FROM_TEXT,
    on=called(
        "create_pandas_dataframe_agent", "create_csv_agent", "create_python_agent", "create_spark_dataframe_agent"
    ),
    bad=(
        "from langchain_experimental.agents import create_csv_agent\n"
        "create_csv_agent(llm, 'a.csv', allow_dangerous_code=True)\n",
    ),
    good=("from langchain_experimental.agents import create_csv_agent\ncreate_csv_agent(llm, 'a.csv')\n",),
)
def dangerous_agent(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    yield from _switched_on(call, file, CODE_FROM_TEXT)


@check(
    XML_ENTITIES,
    on=called("svg2png", "svg2pdf", "svg2svg", "svg2ps", "svg2eps"),
    bad=("import cairosvg\ncairosvg.svg2png(url=path, write_to=target, unsafe=True)\n",),
    good=("import cairosvg\ncairosvg.svg2png(url=path, write_to=target)\n",),
)
def unsafe_image(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    yield from _switched_on(call, file, XML_ENTITIES)


@check(
    LISTED_FOLDER,
    on=called("add_static", "static"),
    bad=("from aiohttp import web\napp = web.Application()\napp.router.add_static('/s', 'files', show_index=True)\n",),
    good=("from aiohttp import web\napp = web.Application()\napp.router.add_static('/s', 'files')\n",),
)
def listed_folder(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    yield from _switched_on(call, file, LISTED_FOLDER)


def _switched_on(call: ast.Call, file: PythonFile, rule: Rule) -> Iterator[Hit]:
    last = call.func.attr if isinstance(call.func, ast.Attribute) else file.dotted(call.func).rpartition(".")[2]
    for option in _OPTIONS:
        if option.rule is not rule or not option.of.fullmatch(last) or not _imports(file, option.package):
            continue
        given = next((k for k in call.keywords if k.arg == option.name), None)
        if given is not None and is_constant(given.value, True):
            yield Hit(file.span(given), option.message)
            return


def _imports(file: PythonFile, package: str) -> bool:
    return not package or any(name.partition(".")[0] == package for name in file.imports.values())


@check(
    DECOMPRESSION_BOMB,
    on=(ast.Assign,),
    bad=("from PIL import Image\nImage.MAX_IMAGE_PIXELS = None\n",),
    good=("from PIL import Image\nImage.MAX_IMAGE_PIXELS = 50_000_000\n", "class A:\n    MAX_IMAGE_PIXELS = None\n"),
)
def pixels_without_limit(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    target, value = node.targets[0], node.value
    is_limit = isinstance(target, ast.Attribute) and file.dotted(target).endswith("Image.MAX_IMAGE_PIXELS")
    if is_limit and isinstance(value, ast.Constant) and value.value is None:
        yield Hit(file.span(node), "An image may be as large as somebody likes")


CHECKS = (dangerous_pickle, dangerous_agent, unsafe_image, listed_folder, pixels_without_limit)
