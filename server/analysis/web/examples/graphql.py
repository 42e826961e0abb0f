"""Small projects that show what GraphQL is open to: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_APP = """\
import graphene
from flask import Flask
from flask_graphql import GraphQLView
from blog.limits import depth_limit_validator
from blog.schema import Query

app = Flask(__name__)
schema = graphene.Schema(query=Query)
rules = [depth_limit_validator(max_depth=8)]
app.add_url_rule('/graphql', view_func=GraphQLView.as_view('graphql', schema=schema, graphiql={graphiql}))
"""

_STRAWBERRY = """\
import strawberry
from models import Invoice, User
from permissions import IsAuthenticated

@strawberry.type
class Query:
    {field}
    def invoice(self, id: int) -> InvoiceType:
        return Invoice.query.get(id)

@strawberry.type
class Mutation:
    @strawberry.mutation(permission_classes=[IsAuthenticated])
    def rename(self, info, name: str) -> bool:
        info.context.user.name = name
        db.session.commit()
        return True
"""
_GRAPHENE = """import graphene
from graphql_jwt.decorators import login_required
from .models import User

class Query(graphene.ObjectType):
    users = graphene.List(UserType)

    {guard}
    def resolve_users(self, info):
        return User.objects.all()

    @login_required
    def resolve_mine(self, info):
        return Invoice.objects.filter(owner=info.context.user)
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "graphql-explorer": ({"app.py": _APP.format(graphiql="True")},),
    "unguarded-object": ({"graph.py": _STRAWBERRY.format(field="@strawberry.field")},),
    "missing-authentication": ({"people/schema.py": _GRAPHENE.format(guard="")},),
    "graphql-unlimited": (
        {
            "schema.py": """\
import strawberry

@strawberry.type
class Query:
    name: str

schema = strawberry.Schema(query=Query)
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {"app.py": _APP.format(graphiql="app.debug")},
    {"people/schema.py": _GRAPHENE.format(guard="@login_required")},
)
