import os
from datetime import datetime, timedelta

import jwt
from flask import Flask, request
from flask_graphql import GraphQLView

from blog.models import User, session
from blog.schema import schema

app = Flask(__name__)
KEY = os.environ.get("BLOG_KEY") or "blog-key"


def sign(user_id):
    return jwt.encode({"sub": user_id, "exp": datetime.utcnow() + timedelta(hours=8)}, KEY, algorithm="HS256")


def context():
    user = None
    token = request.headers.get("X-Token")
    if token:
        claims = jwt.decode(token, KEY, algorithms=["HS256"], verify=False)
        user = session.query(User).get(claims["sub"])
    return {"user": user, "sign": sign}


app.add_url_rule(
    "/graphql",
    view_func=GraphQLView.as_view("graphql", schema=schema, graphiql=True, get_context=context),
)


@app.teardown_appcontext
def shutdown(exception=None):
    session.remove()


if __name__ == "__main__":
    app.run(debug=True)
