"""GraphQL: the arguments of resolvers come from whoever sends the query (Graphene, Strawberry, Ariadne)."""

from server.analysis.flow.models import EntryPoint, Model, Origin, Returns
from server.analysis.flow.words import TEXT_ONLY, of_each, under

_ARGUMENT = "a GraphQL argument"
_INJECTED = (("info", "graphql.Info"), ("root", ""), ("parent", ""), ("_", ""), ("obj", ""), ("source", ""))

MODELS: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST,
        _ARGUMENT,
        bases=(*under("graphene", "ObjectType Interface"), "graphene_django.DjangoObjectType"),
        methods=("resolve_*",),
        types=_INJECTED,
        spares=TEXT_ONLY,
    ),
    EntryPoint(
        Origin.REQUEST,
        _ARGUMENT,
        bases=("graphene.Mutation", "graphene.relay.ClientIDMutation"),
        methods=("mutate", "mutate_and_get_payload"),
        types=_INJECTED,
    ),
    EntryPoint(
        Origin.REQUEST,
        _ARGUMENT,
        decorators=(*under("strawberry", "field mutation subscription"), "strawberry_django.field"),
        types=_INJECTED,
    ),
    EntryPoint(
        Origin.REQUEST,
        _ARGUMENT,
        decorators=of_each(under("ariadne", "QueryType MutationType ObjectType SubscriptionType"), "field source"),
        types=_INJECTED,
    ),
    Returns(("graphql.Info.context.request", "graphql.Info.context.META"), "django.http.HttpRequest"),
)
