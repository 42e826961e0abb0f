"""Values that a template puts into a page so that they can be markup or code, judged with what the views hand over.

A value from a request or the database is sure to be a stranger's; of one that nobody knows, only its name is there to
judge by; what a view has cleaned is nobody's problem.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.templates.file import TemplateFile
from server.analysis.templates.forms import MISSING_TOKEN, forms_of
from server.analysis.templates.harmless import is_markup, is_words
from server.analysis.templates.requests import is_from_request, is_stored
from server.analysis.templates.suspects import Peril, Suspect, TemplateFacts, suspects_of
from server.analysis.templates.uses import uses_of
from server.analysis.templates.views import Grade, View, ViewsOf, views_of
from server.reviews.finding import Confidence, Severity

UNESCAPED_OUTPUT = Rule(
    "hive.unescaped-output",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "The template puts the value into the page as it is: a <script> in it runs in the reader's browser.",
    79,
    in_tests=False,
    also=(80, 116, 83, 87),
    remedy="Let the template escape the value. Where it must hold markup, clean it where it comes in (nh3, DOMPurify).",
)
VALUE_IN_SCRIPT = Rule(
    "hive.value-in-script",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Escaping for HTML does not help within a script, an event handler or an attribute without quotes: the value ends"
    " what it stands in and adds code of its own.",
    79,
    in_tests=False,
    also=(80, 116, 83, 87),
    remedy="Write `{{ value|tojson }}` in scripts, or put it into a quoted data- attribute and read it from there.",
)

Facts = TemplateFacts | ViewsOf

_DEPTH = 3
"""How many includes and parents a variable is followed through."""


def extract(file: TemplateFile | PythonFile | JavaScriptFile) -> Facts | None:
    if isinstance(file, TemplateFile):
        protects, unprotected = forms_of(file)
        return TemplateFacts(suspects_of(file), uses_of(file), protects, unprotected)
    return views_of(file)


def conclude(facts: Mapping[str, Facts], budget: Budget) -> Iterator[Found]:
    templates = {path: fact for path, fact in facts.items() if isinstance(fact, TemplateFacts)}
    code = [fact for fact in facts.values() if isinstance(fact, ViewsOf)]
    handed = _handed(templates, [view for fact in code for view in fact.views])
    cleans = any(fact.cleans for fact in code)
    protected = sum(fact.protects for fact in templates.values())
    unprotected = sum(bool(fact.unprotected) for fact in templates.values())
    can_see = _sees_views(templates, handed)
    for path, fact in templates.items():
        budget.spend()
        for suspect in fact.suspects:
            hit = None if cleans and is_markup(suspect.value) else _judge(suspect, handed[path])
            if hit is not None and (can_see or hit.confidence is not Confidence.LOW):
                rule = UNESCAPED_OUTPUT if suspect.peril is Peril.RAW else VALUE_IN_SCRIPT
                yield Found(path, Problem(rule, hit))
        if protected and protected >= unprotected * (1 if len(templates) < _MANY else 4):
            for span in fact.unprotected:
                yield Found(
                    path, Problem(MISSING_TOKEN, Hit(span, "This form posts without the token that others have"))
                )


def _sees_views(templates: Mapping[str, TemplateFacts], handed: Mapping[str, Mapping[str, Grade]]) -> bool:
    """Whether what no view hands over tells anything: in a large project whose views are written in a way of their own,
    nothing is known of any value.
    """
    return len(templates) < _MANY or sum(bool(handed.get(path)) for path in templates) * 3 > len(templates)


_MANY = 30
"""Templates of a project that has conventions of its own."""


def _handed(templates: Mapping[str, TemplateFacts], views: list[View]) -> dict[str, dict[str, Grade]]:
    """For each template, the worst grade of every variable that a view hands to it, or to one that uses it."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in templates:
        by_name[_stem(path)].append(path)
    handed: dict[str, dict[str, Grade]] = defaultdict(dict)
    for view in views:
        for path in _named(view.template, by_name):
            _merge(handed[path], dict(view.variables))
    for _ in range(_DEPTH):
        for path, fact in templates.items():
            for used in fact.uses:
                for other in _named(used, by_name):
                    if other != path:
                        _merge(handed[other], handed[path])
    return handed


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _named(template: str, by_name: Mapping[str, list[str]]) -> list[str]:
    """The files that may be meant: `post/show` is `views/post/show.ejs`, `a.html` is `templates/a.html`."""
    wanted = template.removeprefix("./").lstrip("/")
    while wanted.startswith("../"):
        wanted = wanted[3:]
    return [
        path
        for path in by_name.get(_stem(wanted), ())
        if path == wanted or path.endswith("/" + wanted) or path.rpartition(".")[0].endswith("/" + wanted)
    ]


def _merge(into: dict[str, Grade], more: Mapping[str, Grade]) -> None:
    for name, grade in more.items():
        into[name] = max(grade, into.get(name, Grade.CLEAN))


def _judge(suspect: Suspect, handed: Mapping[str, Grade]) -> Hit | None:
    grade = _grade(suspect, handed)
    name = suspect.value.path or "The value"
    if grade is Grade.CLEAN:
        return None
    if suspect.peril is Peril.RAW:
        return _judge_raw(suspect, grade, name, bool(handed))
    known = grade in (Grade.REQUEST, Grade.STORED)
    if suspect.peril is Peril.ADDRESS:
        if grade is not Grade.REQUEST:
            return None
        return Hit(suspect.span, f"{name} from the request is an address: javascript: runs code", severity=Severity.LOW)
    if not known and not is_words(suspect.value):
        return None
    confidence = Confidence.HIGH if grade is Grade.REQUEST else Confidence.MEDIUM if known else Confidence.LOW
    return Hit(
        suspect.span,
        f"{name} stands in {_WHERE[suspect.peril]}: escaping for HTML does not help",
        confidence=confidence,
    )


_WHERE = {
    Peril.SCRIPT: "a script, without quotes",
    Peril.HANDLER: "an event handler",
    Peril.UNQUOTED: "an attribute without quotes",
}


def _judge_raw(suspect: Suspect, grade: Grade, name: str, has_view: bool) -> Hit:
    message = f"{name} is put into the page as it is ({suspect.raw})"
    if grade is Grade.REQUEST:
        message = f"{name} comes from the request and is put into the page as it is ({suspect.raw})"
        return Hit(suspect.span, message, severity=Severity.HIGH, confidence=Confidence.HIGH)
    if grade is Grade.STORED:
        message = f"{name} is read from storage and put into the page as it is ({suspect.raw})"
        return Hit(suspect.span, message, severity=Severity.HIGH, confidence=Confidence.HIGH)
    if suspect.is_macro or not suspect.value.path:
        return Hit(suspect.span, message, confidence=Confidence.LOW)
    return Hit(
        suspect.span, message, confidence=Confidence.MEDIUM if is_words(suspect.value) or has_view else Confidence.LOW
    )


def _grade(suspect: Suspect, handed: Mapping[str, Grade]) -> Grade:
    if is_from_request(suspect.value.expression):
        return Grade.REQUEST
    if is_stored(suspect.value.expression):
        return Grade.STORED
    grades = [handed[root] for root in suspect.roots if root in handed]
    return max(grades) if grades else Grade.UNKNOWN


_VIEW = "def show():\n    return render_template('a.html', note=request.args['note'])\n"
_STORED_VIEW = "def show(id):\n    note = Note.query.get(id)\n    return render_template('notes/a.html', note=note)\n"
_CLEAN_VIEW = (
    "def show():\n    note = bleach.clean(request.args['note'])\n    return render_template('a.html', note=note)\n"
)

ESCAPING: ProjectCheck[Facts] = ProjectCheck(
    name="escaping in templates",
    rules=(UNESCAPED_OUTPUT, VALUE_IN_SCRIPT, MISSING_TOKEN),
    reads=(TemplateFile, PythonFile, JavaScriptFile),
    extract=extract,
    conclude=conclude,
    bad=(
        (UNESCAPED_OUTPUT, {"templates/a.html": "{% if note %}<p>{{ note|safe }}</p>{% endif %}\n", "views.py": _VIEW}),
        (
            UNESCAPED_OUTPUT,
            {
                "templates/notes/a.html": "{% for part in note.parts %}<p>{{ part.text|safe }}</p>{% endfor %}\n",
                "views.py": _STORED_VIEW,
            },
        ),
        (UNESCAPED_OUTPUT, {"views/a.ejs": "<p><%- post.body %></p>\n"}),
        (UNESCAPED_OUTPUT, {"views/a.ejs": "<% posts.forEach(function (t) { %><p><%- t.title %></p><% }) %>\n"}),
        (UNESCAPED_OUTPUT, {"a.html": '{% block a %}<i>{{ note_of("title") | safe }}</i>{% endblock %}\n'}),
        (UNESCAPED_OUTPUT, {"views/a.hbs": "<p>{{{comment.text}}}</p>\n"}),
        (UNESCAPED_OUTPUT, {"views/a.html.erb": "<p><%= raw @post.body %></p>\n<p><%= @post.title.html_safe %></p>\n"}),
        (UNESCAPED_OUTPUT, {"views/a.blade.php": "<p>{!! $comment->text !!}</p>\n"}),
        (UNESCAPED_OUTPUT, {"a.vue": '<template><p v-html="comment.text"></p></template>\n'}),
        (UNESCAPED_OUTPUT, {"templates/a.html": '<p th:utext="${comment.text}"></p>\n'}),
        (UNESCAPED_OUTPUT, {"a.mako": "<p>${comment.text | n}</p>\n"}),
        (VALUE_IN_SCRIPT, {"a.html": "{% load i18n %}<a onclick=\"show('{{ user.name }}')\">x</a>\n"}),
        (
            VALUE_IN_SCRIPT,
            {"a.html": "{% block a %}<script>var q = {{ note }};</script>{% endblock %}\n", "views.py": _VIEW},
        ),
        (VALUE_IN_SCRIPT, {"a.html": "{% block a %}<input value={{ query }}>{% endblock %}\n"}),
        (
            MISSING_TOKEN,
            {
                "a.html": '<form method="post">{% csrf_token %}</form>\n',
                "b.html": '<form method="post">{{ form.hidden_tag() }}</form>\n',
                "c.html": '{% block a %}<form action="/x" method="POST"><input name="y"></form>{% endblock %}\n',
            },
        ),
    ),
    good=(
        {"templates/a.html": "{% if note %}<p>{{ note|safe }}</p>{% endif %}\n", "views.py": _CLEAN_VIEW},
        {"a.html": "{% block a %}{{ form.media|safe }}{{ _('<b>x</b>')|safe }}{{ note }}{% endblock %}<p>\n"},
        {"a.html": "{% block a %}<script>var d = {{ note|tojson }}, n = {{ note.id }};</script>{% endblock %}\n"},
        {"a.html": '{% block a %}<a href="{{ url }}" onclick="go({{ user.id }})">{{ name }}</a>{% endblock %}\n'},
        {"views/a.ejs": "<%- include('head') %><p><%= post.body %></p><%- JSON.stringify(data) %>\n"},
        {"templates/a.html": '<p th:text="${comment.text}" th:utext="#{page.title}"></p>\n'},
        {"views/a.ejs": "<p><%- t('title') %></p>\n"},
        {"a.html": "{% block a %}{{ xsrf_form_html()|safe }}{% endblock %}\n"},
        {"a.html": '{% block a %}<i>{{ static_include("img/plus.svg") | safe }}</i>{{ field(class="x")|safe }}\n'},
        {"nginx.conf.j2": "server { root {{ root|safe }}; }\n"},
        {"a.html": '{% block a %}<form method="post"><input></form>{% endblock %}\n'},
    ),
)
