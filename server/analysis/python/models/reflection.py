"""Names that a request gives to attributes, classes and functions."""

from server.analysis.flow.models import SPREAD, Danger, Model, Returns, Sink
from server.analysis.flow.rules import MASS_ASSIGNMENT, UNSAFE_REFLECTION

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
            *("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.declarative_base", "flask_sqlalchemy.SQLAlchemy.Model"),
            *("sqlalchemy.ext.declarative.declarative_base", "peewee.Model", "tortoise.models.Model"),
        ),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        args=(SPREAD,),
    ),
    Returns(("globals", "locals", "vars"), "builtins.Namespace"),
    Sink(
        ("builtins.Namespace.__getitem__", "builtins.Namespace.get"),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
    ),
)
