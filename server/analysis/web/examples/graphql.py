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

BAD: Mapping[str, tuple[Files, ...]] = {
    "graphql-explorer": ({"app.py": _APP.format(graphiql="True")},),
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

GOOD: tuple[Files, ...] = ({"app.py": _APP.format(graphiql="app.debug")},)
