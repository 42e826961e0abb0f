"""Names that a request gives to attributes, classes and functions."""

from server.analysis.flow.models import SPREAD, Danger, Model, Returns, Sink
from server.analysis.flow.rules import CHOSEN_LOOKUP, MASS_ASSIGNMENT, UNSAFE_REFLECTION
from server.analysis.flow.words import of_each

MODELS: tuple[Model, ...] = (
    Sink(("setattr", "object.__setattr__"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, args=(1,)),
    Sink(("*.__setattr__", "*.__dict__.update"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT),
    Sink(("*.__dict__.update",), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, args=(SPREAD,)),
    Sink(
        ("*.objects.create", "*.objects.update", "*.objects.update_or_create", "*.objects.get_or_create"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        args=(SPREAD,),
    ),
    Sink(
        (
            *("*.objects.filter", "*.objects.exclude", "*.objects.get", "*.queryset.filter"),
            *of_each(("django.db.models.QuerySet",), "filter exclude get"),
            *("queryset.filter", "qs.filter", "*.filter"),
        ),
        Danger.MASS_ASSIGNMENT,
        CHOSEN_LOOKUP,
        args=(SPREAD,),
        keys=True,
        message="names the fields by which rows are looked up",
    ),
    Sink(
        (
            *("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.declarative_base", "flask_sqlalchemy.SQLAlchemy.Model"),
            *("sqlalchemy.ext.declarative.declarative_base", "peewee.Model", "tortoise.models.Model"),
        ),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        args=(SPREAD,),
    ),
    Sink(
        ("getattr.of_functions",),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
        args=(1,),
        message="chooses which of a module's functions is taken",
    ),
    Returns(("globals", "locals", "vars"), "builtins.Namespace"),
    Sink(
        ("builtins.Namespace.__getitem__", "builtins.Namespace.get"),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
    ),
)
