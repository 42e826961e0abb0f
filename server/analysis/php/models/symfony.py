"""Symfony with Doctrine and Twig, and Slim: controllers, queries put together by hand, answers."""

from server.analysis.flow.models import Danger, EntryPoint, Model, Origin, Returns, Sink, Source, Subtype, When
from server.analysis.flow.words import of_each, under
from server.analysis.php.lowering.declarations import ACTION, ROUTE_ARGUMENTS
from server.analysis.rules import (
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
)
from server.reviews.finding import Severity

_MANAGER = "Doctrine.ORM.EntityManagerInterface"
_BUILDERS = ("Doctrine.ORM.QueryBuilder", "Doctrine.DBAL.Query.QueryBuilder")
_CONNECTION = "Doctrine.DBAL.Connection"
_ANSWER = "Psr.Http.Message.ResponseInterface"
_HTTP = "Symfony.Component.HttpFoundation"
_BASES = (
    "Symfony.Bundle.FrameworkBundle.Controller.AbstractController",
    "Symfony.Bundle.FrameworkBundle.Controller.Controller",
)

MODELS: tuple[Model, ...] = (
    EntryPoint(Origin.REQUEST, "a path parameter", decorators=(ACTION,), plain=True),
    Subtype("Doctrine.ORM.EntityManager", _MANAGER),
    Subtype("Doctrine.Persistence.ObjectManager", _MANAGER),
    Returns((f"{_MANAGER}.getConnection", "Doctrine.Persistence.ManagerRegistry.getConnection"), _CONNECTION),
    Returns(("Doctrine.Persistence.ManagerRegistry.getManager",), _MANAGER),
    Returns((f"{_MANAGER}.createQueryBuilder", "*.createQueryBuilder"), _BUILDERS[0]),
    Returns((f"{_CONNECTION}.createQueryBuilder",), _BUILDERS[1]),
    *(
        Returns(
            under(
                builder,
                "select addSelect from where andWhere orWhere join leftJoin innerJoin orderBy addOrderBy groupBy"
                " having andHaving setParameter setMaxResults setFirstResult update delete set distinct",
            ),
            builder,
        )
        for builder in _BUILDERS
    ),
    Sink(
        of_each(_BUILDERS, "where andWhere orWhere having andHaving orHaving orderBy addOrderBy groupBy addGroupBy"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under(_MANAGER, "createQuery createNativeQuery"),
            *under(
                _CONNECTION,
                "fetchOne fetchAssociative fetchNumeric fetchAllAssociative fetchAllNumeric fetchFirstColumn"
                " fetchAllKeyValue iterateAssociative executeUpdate fetchAssoc fetchColumn",
            ),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (f"{_HTTP}.Response", "Illuminate.Http.Response", "response"),
        Danger.HTML,
        HTML_FROM_TEXT,
        text="<",
        severity=Severity.HIGH,
    ),
    Sink(
        (f"{_HTTP}.Response.setContent", "Illuminate.Http.Response.setContent"), Danger.HTML, HTML_FROM_TEXT, text="<"
    ),
    Source((ROUTE_ARGUMENTS,), Origin.REQUEST, "a path parameter"),
    *(
        Subtype(response, _ANSWER)
        for response in ("Slim.Psr7.Response", "GuzzleHttp.Psr7.Response", "Slim.Http.Response")
    ),
    Returns(under(_ANSWER, "withStatus withHeader withAddedHeader withBody withoutHeader"), _ANSWER),
    Returns((f"{_ANSWER}.getBody",), f"{_ANSWER}.Body"),
    Sink((f"{_ANSWER}.Body.write",), Danger.HTML, HTML_FROM_TEXT, text="<", severity=Severity.HIGH),
    Sink(
        under(_ANSWER, "withHeader withAddedHeader"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        (1,),
        when=(When((0,), ("Location", "location")),),
    ),
    Sink((f"{_ANSWER}.withRedirect",), Danger.REDIRECT, OPEN_REDIRECT),
    Source(("*.getClientFilename", "*.getClientOriginalName"), Origin.UPLOAD, "the name of an uploaded file"),
    Sink(("*.moveTo",), Danger.PATH, PATH_FROM_REQUEST),
    Sink(of_each(_BASES, "redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(of_each(_BASES, "file"), Danger.PATH, PATH_FROM_REQUEST),
    Sink(
        ("Symfony.Component.Process.Process.fromShellCommandline", "Illuminate.Support.Facades.Process.run"),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
)
