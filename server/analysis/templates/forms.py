"""Forms that post, and whether they carry a token against forged requests."""

import re

from server.analysis.rule import Kind, Rule
from server.analysis.source import Span
from server.analysis.templates.file import TemplateFile
from server.reviews.finding import Confidence, Severity

MISSING_TOKEN = Rule(
    "hive.form-without-csrf-token",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Another site can send this form in the visitor's name: nothing in it shows that it came from a page of this one.",
    352,
    in_tests=False,
    also=(345,),
    remedy="Put {% csrf_token %} (Django), {{ form.hidden_tag() }} (Flask-WTF) or the framework's field into the form.",
)

_TOKEN = re.compile(
    r"csrf|hidden_tag|authenticity_token|xsrf|_token|antiforgery|form_with|form_for|render_form|quick_form|crispy",
    re.IGNORECASE,
)


def forms_of(file: TemplateFile) -> tuple[bool, tuple[Span, ...]]:
    """Whether a form has a token; and the forms that post to this site without one."""
    text = file.source.text
    protects, unprotected = False, []
    forms = [element for element in file.markup.elements if element.name == "form"]
    for index, form in enumerate(forms):
        if (form.get("method") or "").strip().lower() != "post":
            continue
        limit = forms[index + 1].start if index + 1 < len(forms) else len(text)
        close = text.find("</form", form.end, limit)
        inside = text[form.start : limit if close < 0 else close]
        if _TOKEN.search(inside) or "{{ form }}" in inside:
            protects = True
        elif not (form.get("action") or "").startswith(("http:", "https:", "//")) and file.tags:
            unprotected.append(file.head_span(form.start, form.end))
    return protects, tuple(unprotected)
