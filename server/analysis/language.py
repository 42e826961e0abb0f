"""Which language a file is in, told by its name or its first line; and whether it belongs to the tests."""

import re
from enum import StrEnum
from pathlib import PurePosixPath


class Language(StrEnum):
    """The languages with rules of their own. The others get the rules that read plain text: all there is to say of
    `PROSE`, and only a part of what there is to say of `OTHER`.
    """

    PYTHON = "Python"
    JAVASCRIPT = "JavaScript"
    TYPESCRIPT = "TypeScript"
    TSX = "TSX"
    GO = "Go"
    JAVA = "Java"
    PHP = "PHP"
    RUBY = "Ruby"
    TEMPLATE = "HTML template"
    SHELL = "shell"
    DOCKERFILE = "Dockerfile"
    YAML = "YAML"
    NGINX = "nginx"
    PROPERTIES = "properties"
    TERRAFORM = "Terraform"
    SQL = "SQL"
    PROSE = "prose"
    OTHER = "other"


_BY_SUFFIX = {
    ".py": Language.PYTHON,
    ".pyi": Language.PYTHON,
    ".pyw": Language.PYTHON,
    ".js": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".jsx": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".tsx": Language.TSX,
    ".go": Language.GO,
    ".java": Language.JAVA,
    **dict.fromkeys((".rb", ".rake", ".ru"), Language.RUBY),
    **dict.fromkeys((".php", ".phtml", ".php5", ".inc"), Language.PHP),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".tmpl", ".tpl"), Language.TEMPLATE),
    **dict.fromkeys((".jinja", ".jinja2", ".j2", ".njk", ".twig", ".liquid", ".mako", ".mak"), Language.TEMPLATE),
    **dict.fromkeys((".ejs", ".erb", ".rhtml", ".jsp", ".hbs", ".handlebars", ".mustache"), Language.TEMPLATE),
    **dict.fromkeys((".vue", ".svelte", ".pug", ".jade"), Language.TEMPLATE),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh"), Language.SHELL),
    **dict.fromkeys((".yml", ".yaml"), Language.YAML),
    **dict.fromkeys((".env", ".ini", ".cfg", ".conf", ".properties", ".toml", ".cnf"), Language.PROPERTIES),
    **dict.fromkeys((".sql", ".ddl", ".pls", ".pks", ".pkb", ".plsql", ".psql", ".tsql"), Language.SQL),
    **dict.fromkeys((".tf", ".tfvars", ".hcl"), Language.TERRAFORM),
    **dict.fromkeys((".md", ".markdown", ".rst", ".adoc", ".txt"), Language.PROSE),
}

SUFFIXES = tuple(suffix for suffix, language in _BY_SUFFIX.items() if language is not Language.PROSE)
"""Of the files with rules of their own."""

CONFIGURATION = frozenset({Language.DOCKERFILE, Language.YAML, Language.NGINX, Language.PROPERTIES, Language.TERRAFORM})
"""Languages in which no program is written."""

_BY_NAME = re.compile(
    r"(?P<dockerfile>(?:[\w.-]*\.)?(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?$)|(?P<nginx>[\w.-]*nginx[\w.-]*\.conf(?:\.\w+)?$)"
    r"|(?P<properties>\.env(?:\.[\w.-]+)?$|\.npmrc$|\.htaccess$|(?:httpd|apache2?)\.conf$)"
)
_BLOCKS = re.compile(r"^[ \t]*(?:server|location\b[^\n]{0,200}|http|upstream\s+\S+)\s*\{", re.MULTILINE)

_BY_INTERPRETER = {
    "python": Language.PYTHON,
    "pypy": Language.PYTHON,
    "node": Language.JAVASCRIPT,
    **dict.fromkeys(("sh", "bash", "zsh", "dash"), Language.SHELL),
    "php": Language.PHP,
    "ruby": Language.RUBY,
}

_SHEBANG = re.compile(r"#!\s*\S*?(?:/env\s+(?:-S\s+)?)?([A-Za-z]+)[\d.]*(?:\s|$)")

_TEST_DIRECTORIES = frozenset(
    {
        "t",
        "test",
        "tests",
        "testing",
        "__tests__",
        "__mocks__",
        "testdata",
        "fixture",
        "fixtures",
        "_fixture",
        "_fixtures",
        "spec",
        "specs",
        "e2e",
    }
)

_TEST_NAME = re.compile(
    r"^(?:test_.*|tests|conftest)\.pyi?$|_test\.(?:py|go)$|(?:Test|Tests|IT)\.java$|Test\.php$|_(?:test|spec)\.rb$|\.(?:test|spec|stories)\.[cm]?[jt]sx?$"
)


def language_name(path: str, text: str) -> str:
    """As people write it in a configuration."""
    return language_of(path, text).name.lower()


def language_of(path: str, text: str) -> Language:
    name = PurePosixPath(path)
    if name.name.endswith(".blade.php"):
        return Language.TEMPLATE
    named = _BY_NAME.match(name.name)
    if named is not None and named.lastgroup is not None:
        return Language[named.lastgroup.upper()]
    known = _BY_SUFFIX.get(name.suffix.lower())
    if known is Language.PROPERTIES and name.suffix == ".conf" and _BLOCKS.search(text[:20_000]):
        return Language.NGINX
    if known is not None:
        return known
    if name.suffix in ("", ".cgi", ".fcgi") and text.startswith("#!"):
        shebang = _SHEBANG.match(text[:200])
        if shebang:
            return _BY_INTERPRETER.get(shebang[1], Language.OTHER)
    return Language.OTHER


_PACKAGE = re.compile(r"(?<=src/main/)(?:java|kotlin|scala|groovy)/(?:\w+/)*")


def without_package(path: str) -> str:
    """Without the folders that spell a package: `org/example/demo` is a name, and says nothing of what lies there."""
    return _PACKAGE.sub("", path)


def is_test_path(path: str) -> bool:
    """Test code and its fixtures: never deployed, so what is dangerous elsewhere is mostly harmless there."""
    name = PurePosixPath(without_package(path))
    return bool(_TEST_NAME.search(name.name)) or any(part.lower() in _TEST_DIRECTORIES for part in name.parts[:-1])
