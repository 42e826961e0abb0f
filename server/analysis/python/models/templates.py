"""Template engines: a template that somebody else writes is code. Values passed to a template are not.

The render functions of the frameworks stand with these.
"""

from server.analysis.flow.models import Danger, Model, Returns, Sanitizer, Sink
from server.analysis.flow.words import of_each, under
from server.analysis.rules import TEMPLATE_FROM_TEXT
from server.reviews.finding import Confidence, Severity

_ENVIRONMENTS = ("jinja2.Environment", "jinja2.environment.Environment", "jinja2.nativetypes.NativeEnvironment")

MODELS: tuple[Model, ...] = (
    Returns(("flask.Flask.jinja_env", "starlette.templating.Jinja2Templates.env"), "jinja2.Environment"),
    Sink(
        (
            *("jinja2.Template", "jinja2.environment.Template", "jinja2.nativetypes.NativeTemplate"),
            *of_each(_ENVIRONMENTS, "from_string compile_expression"),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "source"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.from_string",),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "source", "template_code"),
        text=r"\{[{%]",
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        (
            *("mako.template.Template", "mako.lookup.TemplateLookup.put_string", "Cheetah.Template.Template"),
            *("chameleon.PageTemplate", "genshi.template.MarkupTemplate", "genshi.template.NewTextTemplate"),
            *("pyratemp.Template", "liquid.Template", "liquid.Environment.from_string", "web.template.frender"),
            *("airspeed.Template", "trender.TRender", "quik.Template", "chevron.render"),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "text", "source", "body"),
        severity=Severity.CRITICAL,
    ),
    Returns(
        (
            *of_each(_ENVIRONMENTS, "get_template select_template from_string"),
            "mako.lookup.TemplateLookup.get_template",
        ),
        "jinja2.Template",
    ),
    Returns(("jinja2.Template", "jinja2.environment.Template", "mako.template.Template"), "jinja2.Template"),
    Returns(("tornado.template.Template",), "tornado.template.Template"),
    Returns(("django.template.Template",), "django.template.Template"),
    Sanitizer(
        (
            *under("jinja2.Template", "render render_async generate"),
            "mako.template.Template.render",
            "*.render_template",
        ),
        frozenset({Danger.HTML, Danger.TEMPLATE}),
    ),
)
