"""Small projects that show what schemas of answers tell: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_FASTAPI = """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from security import current_user
app = FastAPI()

class UserOut(BaseModel):
    id: int
    {field}

@app.get('/me', response_model={model})
def me(user=Depends(current_user)):
    return user
"""
_SERIALIZER = """\
from rest_framework import serializers
from .models import Member

class {name}(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = ['name', 'password']
{more}
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "secret-field": (
        {"api.py": _FASTAPI.format(field="hashed_password: str", model="UserOut")},
        {"api.py": _FASTAPI.format(field="totp_secret: str", model="list[UserOut]")},
        {
            "graph.py": """\
import strawberry

@strawberry.type
class Person:
    name: str
    password: str
"""
        },
        {
            "graph.py": """\
import graphene

class Person(graphene.ObjectType):
    name = graphene.String()
    password_hash = graphene.String()
"""
        },
        {"members/serializers.py": _SERIALIZER.format(name="MemberSerializer", more="")},
    ),
}

GOOD: tuple[Files, ...] = (
    {"api.py": _FASTAPI.format(field="hashed_password: str = Field(exclude=True)", model="UserOut")},
    {"api.py": _FASTAPI.format(field="password: str", model="Other")},
    {
        "graph.py": """\
import strawberry

@strawberry.input
class SignUp:
    name: str
    password: str
"""
    },
    {
        "members/serializers.py": _SERIALIZER.format(
            name="MemberSerializer", more="        extra_kwargs = {'password': {'write_only': True}}"
        )
    },
    {"members/serializers.py": _SERIALIZER.format(name="RegisterSerializer", more="")},
)
