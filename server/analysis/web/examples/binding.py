"""Small projects that show which fields a request may set: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_EXPENSE = """\
from flask import Flask, request
from flask_jwt_extended import get_jwt_identity, jwt_required
from models import db, Expense
app = Flask(__name__)

@app.post('/employees/<int:number>/expenses')
@jwt_required()
def add(number):
{check}    me = int(get_jwt_identity())
    expense = Expense(employee_id={owner}, amount=request.json['amount'], approved={approved})
    db.session.add(expense)
    db.session.commit()
    return {{'by': me}}
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-owner": ({"app.py": _EXPENSE.format(check="", owner="number", approved="False")},),
    "mass-assignment": (
        {"app.py": _EXPENSE.format(check="", owner="me", approved="request.json.get('approved', False)")},
        {
            "app.py": """\
from flask import Flask, g, request
from store import Store
app = Flask(__name__)
store = Store()

@app.post('/profile')
def profile():
    store.change('people', g.user['id'], **request.form.to_dict())
    return 'ok'
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI
from pydantic import BaseModel
from models import User
api = FastAPI()

class NewUser(BaseModel):
    name: str
    is_admin: bool = False

@api.post('/users')
def register(given: NewUser):
    user = User(**given.model_dump())
    session.add(user)
    session.commit()
""",
        },
        {
            "api.py": """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
api = FastAPI()

class Patch(BaseModel):
    model_config = ConfigDict(extra='allow')

@api.patch('/me')
def change(given: Patch, user=Depends(current_user)):
    for name, value in given.model_dump().items():
        setattr(user, name, value)
    session.commit()
""",
        },
        {
            "api.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.put('/items/<item_id>')
def change(item_id):
    table.put_item(Item={'id': item_id, **request.get_json()})
    return 'ok'
""",
        },
        {
            "app.py": """\
from flask import Flask, request
from models import db, User
app = Flask(__name__)

@app.route('/register', methods=['POST'])
def register():
    data = request.get_json()
    user = User(**data)
    db.session.add(user)
    db.session.commit()
    return 'ok'
""",
        },
        {
            "app.py": """\
from flask import Flask, request
from flask_login import current_user, login_required
app = Flask(__name__)

@app.route('/profile', methods=['POST'])
@login_required
def profile():
    for key, value in request.form.items():
        setattr(current_user, key, value)
    db.session.commit()
    return 'ok'
""",
            "protection.py": "from flask_wtf.csrf import CSRFProtect\nCSRFProtect()\n",
        },
        {
            "users/serializers.py": """\
from rest_framework import serializers
from .models import Member

class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = '__all__'
""",
            "users/models.py": """\
from django.db import models

class Member(models.Model):
    name = models.CharField(max_length=80)
    is_admin = models.BooleanField(default=False)
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI, Body, Depends
from security import get_current_user
api = FastAPI()

@api.patch('/me')
def change(payload: dict = Body(...), user=Depends(get_current_user)):
    for name, value in payload.items():
        setattr(user, name, value)
""",
        },
    ),
    "role-from-request": (
        {
            "app.py": """\
from flask import Flask, request
from store import store
app = Flask(__name__)

@app.post('/register')
def register():
    form = request.form
    store.add_person('people', name=form['name'], role=form.get('role', 'tenant'))
    return 'ok'
""",
        },
        {
            "app.py": """\
from flask import Flask, request
from models import db, User
app = Flask(__name__)

@app.route('/register', methods=['POST'])
def register():
    data = request.get_json()
    user = User(name=data['name'], role=data.get('role', 'user'))
    user.set_password(data['password'])
    db.session.add(user)
    db.session.commit()
    return 'ok'
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {"app.py": _EXPENSE.format(check="", owner="me", approved="False")},
    {
        "app.py": _EXPENSE.format(
            check="    if number != int(get_jwt_identity()):\n        abort(403)\n", owner="number", approved="False"
        )
    },
    {
        "app.py": """\
from flask import Flask, request
from store import store
app = Flask(__name__)

@app.post('/register')
def register():
    store.add_person('people', name=request.form['name'], role='tenant')
    return 'ok'

@app.get('/people')
def people():
    return search(role=request.args.get('role'))

@app.post('/preview')
def preview():
    return render(**request.form.to_dict())
""",
    },
    {
        "api.py": """\
from fastapi import FastAPI
from pydantic import BaseModel
from models import Note
api = FastAPI()

class NewNote(BaseModel):
    title: str
    text: str

@api.post('/notes')
def add(given: NewNote, user=Depends(current_user)):
    note = Note(**given.model_dump(), owner=user)
    session.add(note)
    session.commit()
""",
    },
    {
        "app.py": """\
from flask import Flask, request
from models import db, User
from flask_wtf.csrf import CSRFProtect
from schemas import UserSchema
app = Flask(__name__)
ALLOWED = {'name', 'email'}

@app.route('/register', methods=['POST'])
def register():
    data = UserSchema().load(request.get_json())
    user = User(**data)
    for key, value in request.form.items():
        if key in ALLOWED:
            setattr(user, key, value)
    db.session.add(user)
    db.session.commit()
    return 'ok'
""",
    },
    {
        "api.py": """\
from fastapi import FastAPI, Request
from pydantic import BaseModel
api = FastAPI()

class Order(BaseModel):
    item: int

@api.post('/quote')
async def quote(request: Request):
    order = Order(**await request.json())
    return price_of(order)
""",
    },
    {
        "admin.py": """\
from flask import Flask, request
from models import db, User
from guards import admin_required
app = Flask(__name__)

@app.route('/users/new', methods=['POST'])
@admin_required
def new_user():
    db.session.add(User(name=request.json['name'], role=request.json['role']))
    db.session.commit()
    return 'ok'
""",
    },
    {
        "users/serializers.py": """\
from rest_framework import serializers
from .models import Colour

class ColourSerializer(serializers.ModelSerializer):
    class Meta:
        model = Colour
        fields = '__all__'
""",
        "users/models.py": """\
from django.db import models

class Colour(models.Model):
    name = models.CharField(max_length=80)
""",
    },
)
