"""Files that configure: how they are told apart, read as outlines, and held to their limits."""

import pytest

from server.analysis.budget import Budget
from server.analysis.config.dockerfile import DockerFile
from server.analysis.config.nginx import NginxFile
from server.analysis.config.properties import PropertiesFile, Setting
from server.analysis.config.yaml_file import Entry, Shape, YamlFile
from server.analysis.language import Language
from server.analysis.review import Analysis
from server.analysis.source import Source


def yaml(text: str) -> YamlFile:
    return YamlFile.parse(Source.of("a.yaml", text))


def told(entry: Entry) -> list[tuple[str, str, int]]:
    return [(below.key, below.value, below.line) for below in entry.below()]


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        pytest.param("Dockerfile", "", Language.DOCKERFILE, id="Dockerfile"),
        pytest.param("docker/api.Dockerfile", "", Language.DOCKERFILE, id="a Dockerfile with a name"),
        pytest.param("Dockerfile.prod", "", Language.DOCKERFILE, id="a Dockerfile for production"),
        pytest.param("dockerfile.py", "", Language.PYTHON, id="a program about Dockerfiles"),
        pytest.param("compose.yml", "", Language.YAML, id="YAML"),
        pytest.param("nginx.conf", "", Language.NGINX, id="nginx"),
        pytest.param("conf.d/default.conf", "server {\n}\n", Language.NGINX, id="a site of nginx"),
        pytest.param("redis.conf", "protected-mode no\n", Language.PROPERTIES, id="another server's settings"),
        pytest.param(".env.production", "", Language.PROPERTIES, id="an environment"),
        pytest.param("infra/main.tf", "", Language.TERRAFORM, id="Terraform"),
        pytest.param("run", "#!/bin/sh\n", Language.SHELL, id="a script without a suffix"),
    ],
)
def test_a_file_is_told_by_its_name_or_its_first_words(path: str, text: str, language: Language) -> None:
    assert Source.of(path, text).language is language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 1\nb:\n  c: x\n", [("a", "1", 1), ("b", "", 2), ("c", "x", 3)], id="nested"),
        pytest.param(
            "a:\n- x\n- y: 1\n  z: 2\n",
            [("a", "", 1), ("", "x", 2), ("", "", 3), ("y", "1", 3), ("z", "2", 4)],
            id="items",
        ),
        pytest.param("a: 'x # y' # z\n", [("a", "x # y", 1)], id="a quoted hash is no comment"),
        pytest.param("a: http://b:80/c\n", [("a", "http://b:80/c", 1)], id="colons in a value"),
        pytest.param("- http://b\n", [("", "http://b", 1)], id="an address is no key"),
        pytest.param("a: [x, 'y, z']\n", [("a", "[x, 'y, z']", 1), ("", "x", 1), ("", "y, z", 1)], id="flow sequence"),
        pytest.param("a: {b: 1, c: 2}\n", [("a", "{b: 1, c: 2}", 1), ("b", "1", 1), ("c", "2", 1)], id="flow mapping"),
        pytest.param("a: |\n  x: 1\n\n  y\nb: 2\n", [("a", "  x: 1\n\n  y", 1), ("b", "2", 5)], id="block scalar"),
        pytest.param("a:\n  # b: 1\n  c: 2\n", [("a", "", 1), ("c", "2", 3)], id="comment"),
        pytest.param("{{- if .Values.x }}\na: 1\n{{- end }}\n", [("a", "1", 2)], id="a template of YAML"),
        pytest.param(
            "a: &x\n  b: 1\nc: *x\n", [("a", "&x", 1), ("b", "1", 2), ("c", "*x", 3)], id="aliases stay names"
        ),
    ],
)
def test_yaml_is_an_outline(text: str, expected: list[tuple[str, str, int]]) -> None:
    (document,) = yaml(text).documents

    assert told(document) == expected


def test_the_text_of_a_block_scalar_knows_its_line() -> None:
    (document,) = yaml("run: |\n\n  make\n").documents

    assert document.children[0].value_line == 2


def test_documents_of_one_file_are_told_apart_by_their_shape() -> None:
    file = yaml("apiVersion: v1\nkind: Pod\n---\nservices:\n  a: {}\n---\non: push\njobs:\n  b: {}\n")

    assert [len(file.nodes(shape)) for shape in (Shape.MANIFEST, Shape.COMPOSE, Shape.WORKFLOW)] == [1, 1, 1]


def test_an_instruction_over_several_lines_is_one() -> None:
    file = DockerFile.parse(Source.of("Dockerfile", "FROM a\nRUN x \\\n  # why\n  && y\nUSER b\n"))

    assert [(i.keyword, i.text, i.line) for i in file.instructions] == [
        ("FROM", "a", 1),
        ("RUN", "x && y", 2),
        ("USER", "b", 5),
    ]


def test_a_here_document_belongs_to_its_instruction() -> None:
    file = DockerFile.parse(Source.of("Dockerfile", "FROM a\nRUN <<EOF\nUSER root\nEOF\nCMD b\n"))

    assert [i.keyword for i in file.instructions] == ["FROM", "RUN", "CMD"]


def test_a_directive_knows_its_block_and_its_line() -> None:
    file = NginxFile.parse(Source.of("nginx.conf", "server {\n  # x;\n  location /a {\n    alias '/b;c/';\n  }\n}\n"))

    (alias,) = file.nodes("alias")

    assert (alias.text, alias.line) == ("'/b;c/'", 4)
    assert alias.inside is not None
    assert alias.inside.text == "/a"


def test_a_setting_has_its_section_and_no_quotes() -> None:
    file = PropertiesFile.parse(Source.of("a.toml", '[tool.x]\ndebug = "true"  # no\nexport A=b\n'))

    assert list(file.nodes(Setting)) == [Setting("tool.x.debug", "true", 2), Setting("tool.x.a", "b", 3)]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["Dockerfile", "a.yaml", "nginx.conf", ".env", "a.sh"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("RUN <<EOF\n" * 7_000, id="unfinished here-documents"),
        pytest.param("a: [" * 30_000, id="unfinished flow collections"),
        pytest.param("- " * 60_000, id="items in items"),
        pytest.param("".join(" " * n + "a:\n" for n in range(1_000)), id="a staircase of keys"),
        pytest.param('\\"' * 100_000, id="escaped quotes"),
        pytest.param("RUN curl http://a " * 7_000, id="commands in one line"),
        pytest.param("a: |\n" * 12_000, id="block scalars"),
        pytest.param("{" * 30_000 + "}" * 30_000, id="deep blocks"),
    ],
)
def test_a_hostile_file_is_read_in_time(path: str, text: str) -> None:
    reading = Analysis().read(Source.of(path, text), Budget(5))

    assert not [gap for gap in reading.gaps if gap.startswith(("rule ", "stopped"))]


SECRETS_BESIDE_THEIR_EXAMPLE = "SECRET_KEY=a-word-that-signs\nDB_PASSWORD=postgres\n"


@pytest.mark.parametrize(
    ("path", "count"),
    [
        pytest.param(".env", 2, id="committed"),
        pytest.param(".env.example", 0, id="an example"),
        pytest.param("docs/settings.ini", 0, id="documentation"),
        pytest.param("ci/settings.env", 0, id="words for a pipeline"),
    ],
)
def test_a_secret_counts_where_it_is_used(path: str, count: int) -> None:
    reading = Analysis().read(Source.of(path, SECRETS_BESIDE_THEIR_EXAMPLE), Budget(5))

    assert len([problem for problem in reading.problems if problem.rule.cwe == 798]) == count
