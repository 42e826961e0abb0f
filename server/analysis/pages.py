"""Every rule there is, and its page: what it says, why, what to do instead, bad and good code. Pure.

The examples are those that the tests run, so that no page shows code that the rule does not mean.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from server.analysis.budget import Budget
from server.analysis.catalogue import project_checks
from server.analysis.change.catalogue import CHECKS as CHANGE_CHECKS
from server.analysis.change.change import Edited
from server.analysis.change.review import found_in as found_in_change
from server.analysis.language import Language, language_of
from server.analysis.parsed import ParsedFile
from server.analysis.project import Files, Found, ProjectCheck
from server.analysis.review import READERS, TEXT, all_checks
from server.analysis.ruff_rules import BY_CODE as RUFF_BY_CODE
from server.analysis.ruff_rules import CATALOGUE as RUFF_RULES
from server.analysis.ruff_rules import SYNTAX_ERROR_CODE
from server.analysis.rule import Check, Hit, Kind, Rule
from server.analysis.source import Source
from server.reviews.sarif import RuleText

SHOWN_EXAMPLES = 4
"""Of each kind on a page: the first ones are the plainest."""

PATHS = {
    Language.OTHER: ".env",
    Language.PYTHON: "module.py",
    Language.JAVASCRIPT: "module.tsx",
    Language.GO: "module.go",
    Language.JAVA: "Module.java",
    Language.PHP: "module.php",
    Language.RUBY: "module.rb",
    Language.TEMPLATE: "page.html",
    Language.SHELL: "script.sh",
    Language.DOCKERFILE: "Dockerfile",
    Language.YAML: "compose.yaml",
    Language.NGINX: "nginx.conf",
    Language.PROPERTIES: ".env",
    Language.TERRAFORM: "main.tf",
    Language.SQL: "script.sql",
}
"""The name under which a check's example is read, by the language that the check is registered for."""


class Example(NamedTuple):
    """Path -> text. An example of one file is `named` only where its name matters."""

    files: Files
    is_named: bool


class Page(NamedTuple):
    """*says*: what the rule says of its first bad example. *has_fix*: whether it offers one in any of them.

    *url*: where the world explains the same, "" where nobody does.
    """

    rule: Rule
    languages: tuple[str, ...]
    says: str
    has_fix: bool
    bad: tuple[Example, ...] = ()
    good: tuple[Example, ...] = ()
    url: str = ""

    @property
    def title(self) -> str:
        """`hive.hardcoded-secret` -> "Hardcoded secret"; another tool's rule keeps its code: "Ruff S608"."""
        origin, _, name = self.rule.id.partition(".")
        words = name.replace("-", " ") if origin == "hive" else f"{origin} {name}"
        return words[:1].upper() + words[1:]

    @property
    def ruff_code(self) -> str:
        """ "" of our own rules."""
        return self.rule.id.removeprefix(_RUFF) if self.rule.id.startswith(_RUFF) else ""


_RUFF = "ruff."


@cache
def all_rules() -> Mapping[str, Page]:
    """By id, in the order of the ids: ours for one file, across files and for changes; and those of ruff that speak."""
    pages: dict[str, Page] = {}
    for page in (*_of_checks(), *_of_project_checks(), *_of_change_checks(), *_of_ruff()):
        before = pages.get(page.rule.id)
        pages[page.rule.id] = _both(before, page) if before else page
    return dict(sorted(pages.items()))


def _both(first: Page, second: Page) -> Page:
    """A rule that several checks look for, in one language or in several."""
    return first._replace(
        languages=tuple(dict.fromkeys((*first.languages, *second.languages))),
        has_fix=first.has_fix or second.has_fix,
        bad=(*first.bad, *second.bad),
        good=(*first.good, *second.good),
    )


def _of_checks() -> Iterator[Page]:
    for language, check in all_checks():
        hits = [hit for text in check.bad for hit in hits_of(language, check, text)]
        yield Page(
            check.rule,
            _languages_of(TEXT.parser if language is Language.OTHER else READERS[language].parser),
            hits[0].message if hits else "",
            any(hit.fix for hit in hits),
            tuple(_alone(language, text) for text in check.bad),
            tuple(_alone(language, text) for text in check.good),
            _weakness_url(check.rule),
        )


def _alone(language: Language, text: str) -> Example:
    return Example({PATHS[language]: text}, is_named=False)


def hits_of(language: Language, check: Check[Any], text: str) -> list[Hit]:
    """What the check finds in an example of its own."""
    source = Source.of(PATHS[language], text)
    reader = TEXT if language is Language.OTHER else READERS[source.language]
    file = reader.parser.parse(source)
    return [hit for kind in check.on for node in file.nodes(kind) for hit in check.find(node, file)]


def _of_project_checks() -> Iterator[Page]:
    for check in project_checks():
        languages = tuple(dict.fromkeys(name for parser in check.reads for name in _languages_of(parser)))
        good = tuple(Example(files, is_named=True) for files in check.good)
        for rule in check.rules:
            bad = [files for of, files in check.bad if of is rule]
            found = [problem for files in bad for _, problem in found_in(check, files)]
            hits = [problem.hit for problem in found if problem.rule is rule]
            yield Page(
                rule,
                languages,
                hits[0].message if hits else "",
                any(hit.fix for hit in hits),
                tuple(Example(files, is_named=True) for files in bad),
                good,
                _weakness_url(rule),
            )


SECONDS_PER_EXAMPLE = 5.0


def found_in(check: ProjectCheck[Any], files: Files) -> list[Found]:
    """What the check finds in an example of its own."""
    facts = {}
    for path, text in files.items():
        source = Source.of(path, text)
        for parser in _parsers_of(source):
            if issubclass(parser, check.reads) and (kept := check.extract(parser.parse(source))) is not None:
                facts[path] = kept
    return [found for found in check.conclude(facts, Budget(SECONDS_PER_EXAMPLE)) if isinstance(found, Found)]


def _parsers_of(source: Source) -> Iterable[type[ParsedFile]]:
    return dict.fromkeys((TEXT.parser, READERS.get(source.language, TEXT).parser))


def _of_change_checks() -> Iterator[Page]:
    for check in CHANGE_CHECKS:
        good = tuple(map(_comparison, check.good))
        for rule in check.rules:
            bad = [example for of, example in check.bad if of is rule]
            found = [problem for example in bad for _, problem in found_in_change(check, example)]
            hits = [problem.hit for problem in found if problem.rule is rule]
            has_fix = any(hit.fix for hit in hits)
            shown = tuple(map(_comparison, bad))
            yield Page(rule, _languages_in(bad), hits[0].message, has_fix, shown, good, _weakness_url(rule))


def _comparison(edited: Edited) -> Example:
    """Each file before and after, one below the other."""
    files: dict[str, str] = {}
    for path, text in edited.after.items():
        if path in edited.before:
            files[f"{path} before the change"] = edited.before[path]
        files[path] = text
    return Example(files, is_named=True)


def _languages_in(examples: Iterable[Edited]) -> tuple[str, ...]:
    found = dict.fromkeys(language_of(path, text) for one in examples for path, text in one.after.items())
    return tuple(dict.fromkeys("any" if name in _NO_LANGUAGE else name.value for name in found))


_NO_LANGUAGE = (Language.OTHER, Language.PROSE)


def _of_ruff() -> Iterator[Page]:
    for code, rule in RUFF_RULES.items():
        has_fix = code != SYNTAX_ERROR_CODE and RUFF_BY_CODE[code].fix
        yield Page(rule, (Language.PYTHON.value,), "", has_fix, url="https://docs.astral.sh/ruff/rules/")


def with_ruffs_examples(page: Page, name: str, explanation: str) -> Page:
    """Of a rule of ruff's: with the code of ruff's own page, the rule's *name* there, and that page's address."""
    bad, _, good = explanation.partition("## Example")[2].partition("\n## ")[0].partition("Use instead")
    return page._replace(bad=_first_code(bad), good=_first_code(good), url=f"{page.url}{name}/")


def _first_code(markdown: str) -> tuple[Example, ...]:
    """The examples that follow show variants and settings."""
    return tuple(_alone(Language.PYTHON, text) for text in _CODE.findall(markdown)[:1])


_CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def _languages_of(parser: type) -> tuple[str, ...]:
    if issubclass(TEXT.parser, parser):
        return ("any",)
    return tuple(language.value for language, reader in READERS.items() if issubclass(reader.parser, parser))


def page_of(name: str) -> Page | None:
    """By id, with or without `hive.`; a ruff rule also by its code."""
    pages = all_rules()
    return next((pages[known] for known in (name, f"hive.{name}", f"{_RUFF}{name.upper()}") if known in pages), None)


def text_of_rule(name: str) -> RuleText | None:
    """For readers of SARIF."""
    page = page_of(name)
    if page is None:
        return None
    text = f"{page.rule.why} {page.rule.remedy}".strip()
    return RuleText(page.rule.kind is Kind.SECURITY, text, to_markdown(page))


def _weakness_url(rule: Rule) -> str:
    return weakness_url(rule.cwe) if rule.cwe is not None else ""


def weakness_url(cwe: int) -> str:
    return f"https://cwe.mitre.org/data/definitions/{cwe}.html"


def how_to_suppress(page: Page) -> str:
    """The comment that silences the rule on its line, in the rule's first language."""
    opening, closing = _COMMENTS.get(page.languages[0], ("#", ""))
    return f"{opening} hive: ignore[{page.rule.id.removeprefix('hive.')}] why{closing}"


_COMMENTS = {
    Language.JAVASCRIPT.value: ("//", ""),
    Language.TYPESCRIPT.value: ("//", ""),
    Language.TSX.value: ("//", ""),
    Language.GO.value: ("//", ""),
    Language.JAVA.value: ("//", ""),
    Language.PHP.value: ("//", ""),
    Language.TEMPLATE.value: ("<!--", " -->"),
}


def to_markdown(page: Page) -> str:
    """The whole page, for readers of SARIF and of the web."""
    return "\n\n".join(_paragraphs(page)) + "\n"


def _paragraphs(page: Page) -> Iterator[str]:
    rule = page.rule
    yield f"# {page.title}"
    yield f"`{rule.id}` · {rule.kind} · {rule.severity} · confidence {rule.confidence} · {', '.join(page.languages)}"
    yield rule.why
    if rule.remedy:
        yield f"**Instead:** {rule.remedy}"
    if rule.cwe is not None:
        yield f"**Weakness:** [CWE-{rule.cwe}]({weakness_url(rule.cwe)})"
    if page.has_fix:
        yield "**Fix:** offered where it is clear what was meant."
    for heading, examples in (("Bad", page.bad), ("Good", page.good)):
        if examples:
            yield f"## {heading}"
            yield from (_fenced(*file, one.is_named) for one in shown(examples) for file in one.files.items())
    yield "## To suppress it"
    yield f"`{how_to_suppress(page)}` on its line, or alone on the line above. {REASON_NEEDED}"


def shown(examples: Iterable[Example]) -> list[Example]:
    return list(examples)[:SHOWN_EXAMPLES]


REASON_NEEDED = "Without a reason the comment suppresses nothing."


def _fenced(path: str, text: str, is_named: bool) -> str:
    fence = "`" * 3 if "```" not in text else "`" * 5
    header = f"`{path}`\n\n" if is_named else ""
    return f"{header}{fence}{lexer_of(path, text)}\n{text.rstrip()}\n{fence}"


def lexer_of(path: str, text: str) -> str:
    """The word that a fence and a highlighter know the language by."""
    path = path.partition(" ")[0]
    return {Language.OTHER: "text", Language.PROSE: "text"}.get(
        language := language_of(path, text), language.value.lower()
    )
