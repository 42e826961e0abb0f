"""Small projects that show what strangers are told: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_COLUMNS = """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    password_hash = db.Column(db.String(200))

    def to_dict(self):
        return {{c.name: getattr(self, c.name) for c in self.__table__.columns{which}}}
"""

_RETURNED = """\
from fastapi import FastAPI
from sqlalchemy import select
app = FastAPI()

class {name}(Base):
    __tablename__ = 'people'
    id: Mapped[int] = mapped_column(primary_key=True)
    {column}: Mapped[str]

@app.get('/people')
async def people(db: Db):
    return (await db.scalars(select({name}))).all()
"""

_EXPLAINED = """\
import falcon

def explain(req, resp, error, params):
    resp.media = {{"message": {text}}}

app = falcon.App()
app.add_route("/", Root())
app.add_error_handler({kind}, explain)
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "error-details": (
        {"app.py": _EXPLAINED.format(text="repr(error)", kind="Exception")},
        {
            "app.py": """\
import traceback
from flask import Flask, jsonify
app = Flask(__name__)

@app.errorhandler(Exception)
def failed(exc):
    return jsonify(error=str(exc), trace=traceback.format_exc()), 500
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI, HTTPException
api = FastAPI()

@api.get('/report')
def report():
    try:
        return make()
    except Exception as error:
        raise HTTPException(status_code=500, detail=f'failed: {error}')
""",
        },
        {
            "shop/views.py": """\
from django.db import DatabaseError
from django.http import JsonResponse

def search(request):
    try:
        return JsonResponse({'found': find(request.GET['q'])})
    except DatabaseError as error:
        return JsonResponse({'error': repr(error)}, status=500)
""",
        },
    ),
    "internals-shown": (
        {
            "app.py": """\
import os
from flask import Flask, jsonify
app = Flask(__name__)

@app.route('/debug')
def debug():
    return jsonify(dict(os.environ))
""",
        },
    ),
    "secret-field": (
        {"main.py": _RETURNED.format(name="Sender", column="password_hash")},
        {
            "app/models.py": """\
from app import db

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    password = db.Column(db.String(80))

    def json(self):
        return {'id': self.id, 'password': self.password}
""",
        },
        {
            "main.py": """\
from fastapi import Depends, FastAPI
from .models import Account
app = FastAPI()

@app.get('/me')
def me(account: Account = Depends(current)):
    return account
""",
        },
        {"models.py": _COLUMNS.format(which="")},
        {
            "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def to_dict(self):
        return {'id': self.id, 'name': self.name, 'password_hash': self.password_hash}
""",
        },
        {
            "main.py": """\
from fastapi import Depends, FastAPI
from .models import User
app = FastAPI()

@app.get('/users/{user_id}')
def one(user_id: int, me=Depends(current_user), db=Depends(get_db)):
    user = db.query(User).filter(User.id == user_id).first()
    return user
""",
        },
        {
            "app.py": """\
import secrets
from flask import Flask, jsonify, request
app = Flask(__name__)

@app.route('/forgot', methods=['POST'])
def forgot():
    pin = f'{secrets.randbelow(10**6):06}'
    keep(request.form['email'], pin)
    return jsonify({'sent': True, 'pin': pin})
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {"app.py": _EXPLAINED.format(text="'failed'", kind="Exception")},
    {"app.py": _EXPLAINED.format(text="str(error)", kind="TooManyDogs")},
    {"main.py": _RETURNED.format(name="Sender", column="address")},
    {
        "app.py": """\
import secrets
from flask import Flask, jsonify, request
app = Flask(__name__)

@app.route('/forgot', methods=['POST'])
def forgot():
    pin = f'{secrets.randbelow(10**6):06}'
    send_mail(request.form['email'], pin)
    return jsonify({'sent': True, 'pin': 'six digits, in your mail'})

@app.route('/places/<int:number>')
def place(number):
    pin = Place.query.get_or_404(number).pin
    return jsonify({'pin': pin})
""",
    },
    {"models.py": _COLUMNS.format(which=" if c.name not in HIDDEN")},
    {
        "main.py": """\
from fastapi import Depends, FastAPI
from .models import User
app = FastAPI()

@app.get('/me', response_model=UserOut)
def me(user_id: int = Depends(current_user_id), db=Depends(get_db)):
    return db.query(User).filter(User.id == user_id).first()
""",
    },
    {
        "app.py": """\
import logging
from flask import Flask, jsonify
app = Flask(__name__)

@app.errorhandler(Exception)
def failed(exc):
    logging.exception('failed')
    return jsonify(error='internal error'), 500

@app.errorhandler(404)
def missing(exc):
    return jsonify(error=str(exc)), 404

@blueprint.errorhandler(Exception)
def shown_to_developers(exc):
    if not app.debug:
        raise exc
    return jsonify(error=str(exc)), 500

@other.errorhandler(Exception)
def shown_where_debugged(exc):
    if settings.DEBUG:
        return jsonify(error=str(exc)), 500
    return jsonify(error='internal error'), 500

@app.route('/number')
def number():
    try:
        return jsonify(n=parse())
    except ValueError as error:
        return jsonify(error=str(error)), 400
""",
    },
    {
        "app.py": """\
import os
from flask import Flask, jsonify
app = Flask(__name__)

@app.route('/version')
def version():
    return jsonify(version=os.environ.get('VERSION'), zone=os.environ['ZONE'])
""",
        "models.py": """\
from flask_sqlalchemy import SQLAlchemy

class User(db.Model):
    def to_dict(self):
        return {'id': self.id, 'name': self.name, 'has_password': bool(self.password_hash)}
""",
    },
)
