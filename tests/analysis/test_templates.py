"""Templates: which language they are in, where a value stands in the page, and what is told with the views at hand."""

from collections.abc import Mapping

import pytest

from server.analysis.budget import Budget
from server.analysis.review import Analysis
from server.analysis.source import Source
from server.analysis.templates.catalogue import CHECKS
from server.analysis.templates.dialect import Dialect, dialect_of
from server.analysis.templates.escaping import extract
from server.analysis.templates.file import TemplateFile
from server.analysis.templates.scripts import lower, scripts_of
from server.reviews.finding import Confidence


def told(files: Mapping[str, str]) -> list[tuple[str, int, str, Confidence | None]]:
    analysis = Analysis()
    sources = {path: Source.of(path, text) for path, text in files.items()}
    readings = {path: analysis.read(source, Budget(10)) for path, source in sources.items()}
    across = analysis.conclude(readings, Budget(10))
    return sorted(
        (path, problem.hit.span.start_line, problem.rule.id.removeprefix("hive."), problem.hit.confidence)
        for path in files
        for problem in (*readings[path].problems, *across.problems.get(path, ()))
        if not path.endswith((".py", ".js"))
    )


def rules_of(path: str, text: str) -> list[str]:
    return [rule for _, _, rule, _ in told({path: text})]


@pytest.mark.parametrize(
    ("path", "text", "dialect"),
    [
        ("a.html", "{% if a %}{{ b }}{% endif %}", Dialect.JINJA),
        ("a.html", "<p>{{ b }}</p>", Dialect.JINJA),
        ("a.html", "<%inherit file='b'/> ${c}", Dialect.MAKO),
        ("a.html", "{{#each b}}{{this}}{{/each}}", Dialect.HANDLEBARS),
        ("a.html", "{{ range .Items }}{{ .Name }}{{ end }}", Dialect.GO),
        ("a.html", "<p ng-app>{{ b }}</p>", Dialect.PLAIN),
        ("a.html", "<p *ngIf='a'>{{ b }}</p>", Dialect.PLAIN),
        ("a.html", "<p>plain</p>", Dialect.PLAIN),
        ("a.blade.php", "{{ $a }}", Dialect.BLADE),
        ("a.html.erb", "<%= a %>", Dialect.ERB),
        ("a.ejs", "<%= a %>", Dialect.EJS),
        ("a.vue", "<template></template>", Dialect.VUE),
    ],
)
def test_the_language_of_a_template_is_told_by_its_name_and_tags(path: str, text: str, dialect: Dialect) -> None:
    assert dialect_of(path, text) is dialect


RAW = [
    ("a.html", "{% if x %}<p>{{ comment.text|safe }}</p>{% endif %}"),
    ("a.html", "{% if x %}<p>{{ comment.text | upper | safe }}</p>{% endif %}"),
    ("a.html", "{% block x %}<p>{% raw message %}</p>{% end %}"),
    ("a.twig", "<p>{{ comment.text|raw }}</p>"),
    ("a.njk", "<p>{{ comment.text | safe }}</p>"),
    ("a.mako", "<p>${comment.text | n}</p>"),
    ("a.ejs", "<p><%- comment.text %></p>"),
    ("a.hbs", "<p>{{{comment.text}}}</p>"),
    ("a.hbs", "<p>{{&comment.text}}</p>"),
    ("a.mustache", "<p>{{{ message }}}</p>"),
    ("a.html.erb", "<p><%= raw @comment.text %></p>"),
    ("a.html.erb", "<p><%= @comment.text.html_safe %></p>"),
    ("a.html.erb", "<p><%== @comment.text %></p>"),
    ("a.blade.php", "<p>{!! $comment->text !!}</p>"),
    ("a.blade.php", "<p>{!! request('q') !!}</p>"),
    ("a.vue", '<template><p v-html="comment.text"></p></template>'),
    ("a.svelte", "<p>{@html comment.text}</p>"),
    ("a.pug", "p!= comment.text"),
    ("a.pug", "p Hello !{user.name}"),
    ("a.jsp", '<p><%= request.getParameter("q") %></p>'),
    ("a.jsp", "<p>${param.q}</p>"),
]


@pytest.mark.parametrize(("path", "text"), RAW, ids=[f"{path} {text[:40]}" for path, text in RAW])
def test_what_is_put_out_as_it_is_is_told_in_every_language(path: str, text: str) -> None:
    assert rules_of(path, text + "\n") == ["unescaped-output"]


IN_CODE = [
    ("a.html", "{% block x %}<a onclick=\"show('{{ name }}')\">x</a>{% endblock %}"),
    ("a.html", "{% block x %}<a href=\"javascript:show('{{ name }}')\">x</a>{% endblock %}"),
    ("a.html", "{% block x %}<input value={{ query }}>{% endblock %}"),
    ("a.html", "{% block x %}<script>var q = {{ query }};</script>{% endblock %}"),
    ("a.ejs", "<script>var q = <%= query %>;</script>"),
    ("a.html.erb", "<script>var q = <%= query %>;</script>"),
]


@pytest.mark.parametrize(("path", "text"), IN_CODE, ids=[text[:60] for _, text in IN_CODE])
def test_where_escaping_does_not_help_values_are_told(path: str, text: str) -> None:
    assert rules_of(path, text + "\n") == ["value-in-script"]


HARMLESS = [
    ("a.html", "{% if x %}<p>{{ comment.text }}</p>{% endif %}"),
    ("a.html", "{% if x %}<p>{{ comment.text|escape|safe }}</p>{% endif %}"),
    ("a.html", "{% if x %}<p>{{ comment.text|clean_html|safe }}</p>{% endif %}"),
    ("a.html", "{% if x %}<script>var a = {{ rows|tojson|safe }};</script>{% endif %}"),
    ("a.html", "{% if x %}{{ form.media|safe }}{{ form.as_p }}<p>{{ _('<b>a</b>')|safe }}{% endif %}"),
    ("a.html", "{% if x %}<p>{{ '<b>a</b>'|safe }}{{ plugin.render_info(x)|safe }}{% endif %}"),
    ("a.html", "{# {{ comment.text|safe }} #}{% if x %}<p></p>{% endif %}"),
    ("a.html", "{% if x %}<!-- {{ comment.text|safe }} --><p></p>{% endif %}"),
    ("a.html", "{% if x %}<script>var a = '{{ name }}', n = {{ item.id }};</script>{% endif %}"),
    ("a.html", '{% if x %}<a href="{{ link }}" title="{{ name }}" onclick="go({{ item.id }})">x</a>{% endif %}'),
    ("a.html", "{% if x %}<p>{% raw %}{{ b }}{% endraw %}</p>{% endif %}"),
    ("mail.txt", "{{ comment.text|safe }}"),
    ("site.conf.j2", "root {{ folder|safe }};"),
    ("a.ejs", "<%- include('head') %><p><%= comment.text %></p><%- JSON.stringify(rows) %>"),
    ("a.hbs", "<p>{{comment.text}}</p>{{{body}}}"),
    ("a.html.erb", "<p><%= comment.text %></p><%= raw sanitize(comment.text) %><%= yield %>"),
    ("a.blade.php", "<p>{{ $comment->text }}</p>{!! csrf_field() !!}"),
    ("a.vue", '<template><p v-text="comment.text">{{ comment.text }}</p></template>'),
    ("a.html", "<p>{{ .Text | safeHTML }}</p>{{ range .A }}{{ end }}"),
]


@pytest.mark.parametrize(("path", "text"), HARMLESS, ids=[f"{path} {text[:50]}" for path, text in HARMLESS])
def test_of_what_cannot_be_markup_nothing_is_told(path: str, text: str) -> None:
    assert rules_of(path, text + "\n") == []


PAGE = "{% for note in notes %}\n<p>{{ note.text|safe }}</p>\n{% endfor %}\n"


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("notes = request.args.getlist('n')", Confidence.HIGH),
        ("notes = Note.query.all()", Confidence.HIGH),
        ("notes = db.execute('SELECT * FROM notes').fetchall()", Confidence.HIGH),
        ("notes = somewhere()", Confidence.MEDIUM),
        ("notes = [bleach.clean(n) for n in request.args.getlist('n')]", None),
        ("notes = ['a', 'b']", None),
    ],
)
def test_a_view_says_where_a_value_comes_from(view: str, expected: Confidence | None) -> None:
    files = {
        "site/templates/notes/list.html": PAGE,
        "site/views.py": f"def show():\n    {view}\n    return render_template('notes/list.html', notes=notes)\n",
    }

    assert [confidence for _, _, _, confidence in told(files)] == ([expected] if expected else [])


def test_a_value_is_followed_into_templates_that_are_included() -> None:
    files = {
        "templates/page.html": "{% extends 'base.html' %}{% block a %}<p>{% include 'part.html' %}{% endblock %}\n",
        "templates/part.html": "<p>{{ q|safe }}</p>\n{% if q %}{% endif %}\n",
        "views.py": "def show(request):\n    return render(request, 'page.html', {'q': request.GET['q']})\n",
    }

    assert told(files) == [("templates/part.html", 1, "unescaped-output", Confidence.HIGH)]


def test_a_view_of_express_says_where_a_value_comes_from() -> None:
    files = {
        "views/post.ejs": "<p><%- post.text %></p>\n<p><%- year %></p>\n",
        "app.js": "app.get('/', async (req, res) => {\n  const post = await Post.findById(req.params.id);\n"
        "  res.render('post', { post, year: 2026 });\n});\n",
    }

    assert told(files) == [("views/post.ejs", 1, "unescaped-output", Confidence.HIGH)]


def test_scripts_of_a_page_are_analysed_where_they_stand() -> None:
    page = (
        "{% extends 'b.html' %}\n<p id=a></p>\n<script type='text/template'>location.hash</script>\n<script>\n"
        "  var name = {{ name|tojson }};\n  {% if x %}\n  a.innerHTML = location.hash;\n  {% endif %}\n</script>\n"
    )

    assert [(line, rule) for _, line, rule, _ in told({"a.html": page})] == [(7, "html-from-text")]


def test_scripts_keep_their_columns() -> None:
    page = "<p>é</p><script>go({{ a }})</script> <script>stop()</script>\n"

    scripts = scripts_of(TemplateFile.parse(Source.of("a.html", "{% if b %}" + page)))

    assert scripts is not None
    assert scripts.source.text.index("go(") == ("{% if b %}" + page).index("go(")
    assert [scripts.callee(call) for call in scripts.nodes("call_expression")] == ["go", "stop"]


FORM = '{% block a %}<form action="/x" method="POST"><input name="y"></form>{% endblock %}\n'


def test_a_form_without_a_token_is_told_where_others_have_one() -> None:
    protected = '{% block a %}<form method="post">{% csrf_token %}</form>{% endblock %}\n'

    assert told({"a.html": FORM}) == []
    assert [path for path, *_ in told({"a.html": FORM, "b.html": protected, "c.html": protected})] == ["a.html"]
    assert told({"a.html": FORM.replace("/x", "https://elsewhere.example/"), "b.html": protected}) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{" * 30_000, id="unclosed outputs"),
        pytest.param("{{{" * 30_000, id="unclosed raw outputs"),
        pytest.param("<%" * 30_000, id="unclosed statements"),
        pytest.param("<a " * 30_000, id="unclosed elements"),
        pytest.param("<a b='" * 15_000, id="unclosed quotes"),
        pytest.param("<a b=\"<a c='" * 15_000, id="unclosed quotes of two kinds"),
        pytest.param("<script>" * 6_000, id="unclosed scripts"),
        pytest.param("<!--" * 30_000, id="unclosed comments"),
        pytest.param("<a" + " " * 100_000, id="white space"),
        pytest.param("{{ a|" + "b|" * 30_000 + "}}", id="filters"),
        pytest.param("{% for a in " + "b." * 30_000 + " %}", id="a long path"),
        pytest.param("<form method=post>" * 1_500, id="forms"),
        pytest.param("<p>{{ x|safe }}</p>\n" * 1_500, id="values"),
        pytest.param("{% autoescape off %}" * 1_000 + "<p>{{ x }}", id="blocks"),
    ],
)
@pytest.mark.parametrize("path", ["a.html", "a.ejs", "a.hbs", "a.pug"])
def test_hostile_templates_are_read_in_time(path: str, text: str) -> None:
    """Without the admission, which would leave out most of them for their long lines."""
    file = TemplateFile.parse(Source.of(path, text + "\n{% if a %}{% endif %}"))
    budget = Budget(5)

    for check in CHECKS:
        for kind in check.on:
            for node in file.nodes(kind):
                list(check.find(node, file))
    extract(file)
    lower(file)

    budget.spend()
