"""Markup: what is marked as safe although values went in, and what escapes them.

The answers of the frameworks stand with these; templates that escape nothing are in `server/analysis/templates/`.
"""

from server.analysis.flow.models import Danger, Guard, Model, Sanitizer, Sink, When
from server.analysis.flow.words import of_each, under
from server.analysis.rules import HTML_FROM_TEXT
from server.reviews.finding import Severity

_MARKUPS = (
    "markupsafe.Markup",
    "flask.Markup",
    "jinja2.Markup",
    "jinja2.utils.markupsafe.Markup",
    "webhelpers2.literal",
)

MODELS: tuple[Model, ...] = (
    Sink(
        (*_MARKUPS, "wtforms.widgets.HTMLString", "wtforms.widgets.core.HTMLString", "webhelpers2.html.literal"),
        Danger.HTML,
        HTML_FROM_TEXT,
        severity=Severity.HIGH,
    ),
    Sink(
        under("streamlit", "markdown write html"),
        Danger.HTML,
        HTML_FROM_TEXT,
        when=(When(("unsafe_allow_html",), (True,)),),
    ),
    Sink(("nicegui.ui.html", "nicegui.ui.add_body_html"), Danger.HTML, HTML_FROM_TEXT),
    Sanitizer(
        (
            *("html.escape", "cgi.escape", "xml.sax.saxutils.escape", "xml.sax.saxutils.quoteattr"),
            *("markupsafe.escape", "markupsafe.escape_silent", "bleach.clean", "bleach.linkify", "nh3.clean"),
            *of_each(_MARKUPS, "escape format join striptags __mod__ __add__"),
            *("lxml.html.clean.clean_html", "lxml.html.clean.Cleaner.clean_html", "lxml_html_clean.clean_html"),
            *("*.html_params", "*.flatatt", "wtforms.widgets.html_params", "wtforms.widgets.core.html_params"),
            *("django.forms.utils.flatatt", "*.render_to_string", "*.conditional_escape", "*.format_html"),
            *("*.xhtml_escape", "*.html_escape", "*.escape_html", "*.htmlescape", "*.sanitize_html", "*.clean_html"),
            *("sanitize_html", "escape_html", "html_sanitizer.Sanitizer.sanitize", "json.dumps", "ujson.dumps"),
            *("orjson.dumps", "simplejson.dumps", "base64.b64encode", "base64.urlsafe_b64encode", "binascii.hexlify"),
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(
        _MARKUPS,
        frozenset({Danger.HTML}),
    ),
    Guard(("*.isalnum", "*.isdigit", "*.isalpha", "*.isidentifier", "*.isnumeric"), frozenset(Danger)),
)
