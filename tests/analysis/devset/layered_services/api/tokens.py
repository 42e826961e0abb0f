import os

from jose import jwt


def decode(token):
    return jwt.decode(token, os.environ["KEY"], algorithms=["HS256"])
