import os
from datetime import datetime, timedelta

import strawberry
from flask import Flask, request
from jose import jwt
from strawberry.flask.views import GraphQLView

from shop.schema import Mutation, Query

app = Flask(__name__)
SECRET = os.getenv("SECRET", "strawberry-secret")
schema = strawberry.Schema(query=Query, mutation=Mutation)


class View(GraphQLView):
    def get_context(self, request, response):
        token = request.headers.get("Authorization", "")
        user = jwt.get_unverified_claims(token) if token else None
        return {"user": user, "request": request}


app.add_url_rule("/graphql", view_func=View.as_view("graphql", schema=schema, graphiql=True))


@app.after_request
def allow(response):
    response.headers.add("Access-Control-Allow-Origin", "*")
    return response


if __name__ == "__main__":
    app.run(debug=os.environ.get("DEBUG", True))
