"""What one template shows by itself: escaping turned off, code loaded over connections that anybody can change."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from server.analysis.python.requests import SECRET_IN_ADDRESS
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import AUTOESCAPE_OFF
from server.analysis.templates.file import TemplateFile
from server.analysis.templates.harmless import is_encoded, is_own_markup
from server.analysis.templates.markup import Element
from server.analysis.templates.tags import Tag
from server.reviews.finding import Confidence, Severity

UNENCRYPTED_SCRIPT = Rule(
    "hive.unencrypted-script",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The page runs a script that comes over http: whoever is on the way puts their own code into it.",
    829,
    in_tests=False,
    also=(319, 353, 494, 830),
    remedy="Load it over https, with an integrity attribute, or from the site itself.",
)

UNENCRYPTED_FORM = Rule(
    "hive.unencrypted-form",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The form sends a password over http: whoever is on the way reads it.",
    319,
    in_tests=False,
    also=(523, 311, 522, 200),
    remedy="Send the form to an address with https:, or to a path of the site itself.",
)

_LONGEST_BLOCK = 1_000
"""Tags."""

_OFF = re.compile(r"^autoescape\s+(?:off|false|False|None|no)\b")


@check(
    AUTOESCAPE_OFF,
    on=(Tag,),
    bad=(
        "<p>{% autoescape off %}{{ comment.text }}{% endautoescape %}</p>\n",
        "<p>{% autoescape false %}\n{{ name }}\n{% endautoescape %}</p>\n",
        "{% autoescape None %}\n<p>{{ name }}</p>\n",
    ),
    good=(
        "<p>{% autoescape on %}{{ comment.text }}{% endautoescape %}</p>\n",
        "<p>{% autoescape off %}{{ comment.text|escape }}{{ form.media }}{% endautoescape %}</p>\n",
        "{% autoescape off %}Hello {{ name }}, this is a mail.{% endautoescape %}\n",
    ),
)
def autoescape_off(tag: Tag, file: TemplateFile) -> Iterator[Hit]:
    """Where a value of the block needs escaping; mails of plain text have no markup."""
    if not _OFF.match(tag.inner) or not file.is_page or "mail" in file.source.path.lower():
        return
    first = bisect_right(file.tags, tag.start, key=lambda other: other.start)
    for other in islice(file.tags, first, first + _LONGEST_BLOCK):
        if other.inner.startswith(("endautoescape", "autoescape")):
            break
        output = file.output_at.get(other.start)
        value = output.value if output is not None else None
        if value is not None and value.path and not is_encoded(value) and not is_own_markup(value):
            yield Hit(file.head_span(tag.start, tag.end), f"{value.path} is put into the page without escaping")
            return


@check(
    UNENCRYPTED_SCRIPT,
    on=(Element,),
    bad=('<script src="http://cdn.example.com/a.js"></script>\n',),
    good=(
        '<script src="https://cdn.example.com/a.js"></script>\n',
        '<script src="/a.js"></script>\n',
        '<script src="http://localhost:3000/a.js"></script>\n',
    ),
)
def unencrypted_script(element: Element, file: TemplateFile) -> Iterator[Hit]:
    source = element.get("src") if element.name == "script" else None
    if (
        source
        and source.startswith("http://")
        and not re.match(r"http://(?:localhost|127\.|0\.0\.0\.0|\[::1\])", source)
    ):
        yield Hit(file.head_span(element.start, element.end), "A script is loaded over http")


@check(
    SECRET_IN_ADDRESS,
    on=(Element,),
    bad=(
        '<form action="/login" method="get"><input name="user"><input type="password" name="password"></form>\n',
        '<form action="/login">\n<input type="password" name="password">\n</form>\n',
    ),
    good=(
        '<form action="/login" method="post"><input type="password" name="password"></form>\n',
        '<form id="login" onsubmit="send()"><input type="password" name="password"></form>\n',
        '<form action="/find" method="get"><input name="q"></form>\n',
    ),
)
def password_in_address(form: Element, file: TemplateFile) -> Iterator[Hit]:
    """A form that sends a password with GET, which is what it does where nothing else is said."""
    if form.name != "form":
        return
    method, tag = (form.get("method") or "").strip().lower(), file.source.text[form.start : form.end]
    if method not in ("", "get") or "{" in method or (not method and _SENDS_OTHERWISE.search(tag)):
        return
    if (method or form.get("action")) and _asks_for_password(form, file):
        yield Hit(file.head_span(form.start, form.end), "The password is sent in the address")


@check(
    UNENCRYPTED_FORM,
    on=(Element,),
    bad=('<form action="http://example.com/login" method="post"><input type="password" name="p"></form>\n',),
    good=(
        '<form action="https://example.com/login" method="post"><input type="password" name="p"></form>\n',
        '<form action="http://localhost:8000/login" method="post"><input type="password" name="p"></form>\n',
        '<form action="http://example.com/search" method="get"><input name="q"></form>\n',
    ),
)
def unencrypted_form(form: Element, file: TemplateFile) -> Iterator[Hit]:
    is_open = form.name == "form" and _OPEN_ADDRESS.match((form.get("action") or "").strip()) is not None
    if is_open and _asks_for_password(form, file):
        yield Hit(file.head_span(form.start, form.end), "The password is sent without encryption")


_OPEN_ADDRESS = re.compile(r"http://(?!localhost\b|127\.|\[::1\]|0\.0\.0\.0)", re.IGNORECASE)


def _asks_for_password(form: Element, file: TemplateFile) -> bool:
    close = file.source.text.find("</form", form.end)
    inside = file.source.text[form.end : close if close > 0 else form.end + 5_000]
    return re.search(r"type\s*=\s*[\"']?password\b", inside) is not None


_SENDS_OTHERWISE = re.compile(r"submit|v-on|hx-|ng-|x-on|@|\{[%{<]|data-", re.IGNORECASE)


CHECKS = (autoescape_off, unencrypted_script, password_in_address, unencrypted_form)
