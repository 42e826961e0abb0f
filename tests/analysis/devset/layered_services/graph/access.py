import functools
import os

import jwt
from graphql import GraphQLError


def viewer(request):
    try:
        return jwt.decode(request.headers.get("Authorization", "")[7:], os.environ["KEY"], algorithms=["HS256"])
    except jwt.PyJWTError:
        return None


def login_required(resolver):
    @functools.wraps(resolver)
    def inner(root, info, *args, **kwargs):
        if info.context["viewer"] is None:
            raise GraphQLError("log in first")
        return resolver(root, info, *args, **kwargs)

    return inner
