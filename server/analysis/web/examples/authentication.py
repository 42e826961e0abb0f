"""Small projects that show who may call a route: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_WEBAPP2 = """\
import webapp2

class Handler(webapp2.RequestHandler):
    def initialize(self, *args, **kwargs):
        webapp2.RequestHandler.initialize(self, *args, **kwargs)
        self.user = user_of(self.request.cookies.get('user_id'))

class Mine(Handler):
    def get(self):
        if not self.user:
            return self.redirect('/login')
        self.response.write(str(Invoice.all().filter('owner =', self.user.name)))

class DeleteInvoice(Handler):
    def post(self, key):
        invoice = Invoice.get_by_id(int(key))
{check}        invoice.delete()

app = webapp2.WSGIApplication([('/', Mine), ('/delete/(.+)', DeleteInvoice)])
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "missing-authentication": (
        {
            "app.py": """\
from functools import wraps
from flask import Flask, abort, redirect, request, session, jsonify
from models import db, User, Order
app = Flask(__name__)

def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if 'user_id' not in session:
            return redirect('/login')
        return view(*args, **kwargs)
    return wrapped

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user and check_password_hash(user.password_hash, request.form['password']):
        session['user_id'] = user.id
    return redirect('/')

@app.route('/admin/users')
def admin_users():
    return jsonify([u.username for u in User.query.all()])
""",
            "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))
    is_admin = db.Column(db.Boolean)
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id'))
    status = db.Column(db.String(20))
class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
        },
        {
            "app/routers/items.py": """\
from fastapi import APIRouter, Depends
from app.security import get_current_user
from app.db import get_db
router = APIRouter(prefix='/items')

@router.get('/')
def list_items(db=Depends(get_db), user=Depends(get_current_user)):
    return db.query(Item).filter(Item.owner_id == user.id).all()

@router.post('/')
def create(item: ItemIn, db=Depends(get_db)):
    db.add(Item(**item.dict()))
    db.commit()
""",
            "app/security.py": """\
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
scheme = OAuth2PasswordBearer(tokenUrl='token')

def get_current_user(token: str = Depends(scheme)):
    user = decode(token)
    if user is None:
        raise HTTPException(status_code=401)
    return user
""",
        },
        {
            "app.py": """\
import sqlite3
from flask import Flask
app = Flask(__name__)

@app.route('/purge', methods=['POST'])
def purge():
    sqlite3.connect('a.db').execute('DELETE FROM notes')
    return 'gone'
""",
        },
    ),
    "unguarded-object": (
        {"main.py": _WEBAPP2.format(check="")},
        {
            "app.py": """\
from functools import wraps
from flask import Flask, abort, redirect, request, session, jsonify
from models import db, User, Order
app = Flask(__name__)

def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if 'user_id' not in session:
            return redirect('/login')
        return view(*args, **kwargs)
    return wrapped

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user and check_password_hash(user.password_hash, request.form['password']):
        session['user_id'] = user.id
    return redirect('/')

@app.route('/orders/<int:order_id>')
def order(order_id):
    return jsonify(Order.query.get_or_404(order_id).status)
""",
            "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))
    is_admin = db.Column(db.Boolean)
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id'))
    status = db.Column(db.String(20))
class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
        },
        {
            "shop/views.py": """\
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.contrib.auth.decorators import login_required
from .models import Invoice

@login_required
def mine(request):
    return JsonResponse({'n': Invoice.objects.filter(customer=request.user).count()})

def invoice(request, pk):
    found = get_object_or_404(Invoice, pk=pk)
    return JsonResponse({'total': found.total})
""",
            "shop/urls.py": """\
from django.urls import path
from . import views
urlpatterns = [path('mine/', views.mine), path('invoice/<int:pk>/', views.invoice)]
""",
        },
    ),
    "missing-role-check": (
        {
            "app.py": """\
from functools import wraps
from flask import Flask, abort, redirect, request, session, jsonify
from models import db, User, Order
app = Flask(__name__)

def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if 'user_id' not in session:
            return redirect('/login')
        return view(*args, **kwargs)
    return wrapped

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user and check_password_hash(user.password_hash, request.form['password']):
        session['user_id'] = user.id
    return redirect('/')

@app.route('/admin/delete_user/<int:user_id>', methods=['POST'])
@login_required
def delete_user(user_id):
    db.session.delete(User.query.get(user_id))
    db.session.commit()
    return 'ok'
""",
            "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))
    is_admin = db.Column(db.Boolean)
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id'))
    status = db.Column(db.String(20))
class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "app.py": """\
import jwt
from flask import Flask, jsonify, request
app = Flask(__name__)
users = {1: {'name': 'ada', 'balance': 3}}

def whoever():
    token = request.headers.get('Authorization', '').split(' ')[-1]
    try:
        return jwt.decode(token, KEY, algorithms=['HS256'])
    except jwt.PyJWTError:
        return None

@app.route('/me', methods=['PUT'])
def change():
    who = whoever()
    if not who:
        return '', 401
    users[who['id']]['name'] = request.json['name']
    return jsonify(ok=True)
""",
    },
    {"main.py": _WEBAPP2.format(check="        if invoice.owner != self.user.name:\n            self.abort(403)\n")},
    {
        "app.py": """\
from functools import wraps
from flask import Flask, abort, redirect, request, session, jsonify
from models import db, User, Order
app = Flask(__name__)

def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if 'user_id' not in session:
            return redirect('/login')
        return view(*args, **kwargs)
    return wrapped

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user and check_password_hash(user.password_hash, request.form['password']):
        session['user_id'] = user.id
    return redirect('/')

@app.before_request
def guard():
    if 'user_id' not in session and request.endpoint != 'login':
        abort(401)

@app.route('/notes', methods=['POST'])
def add_note():
    db.session.add(Note(text=request.json['text']))
    db.session.commit()
    return 'ok'
""",
        "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))
    is_admin = db.Column(db.Boolean)
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id'))
    status = db.Column(db.String(20))
class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
        "limits.py": """\
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
limiter = Limiter()
CSRFProtect(app)
""",
    },
    {
        "app.py": """\
from functools import wraps
from flask import Flask, abort, redirect, request, session, jsonify
from models import db, User, Order
app = Flask(__name__)

def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if 'user_id' not in session:
            return redirect('/login')
        return view(*args, **kwargs)
    return wrapped

@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(username=request.form['username']).first()
    if user and check_password_hash(user.password_hash, request.form['password']):
        session['user_id'] = user.id
    return redirect('/')

@app.route('/products/<int:product_id>')
def product(product_id):
    return jsonify(Product.query.get_or_404(product_id).name)
""",
        "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))
    is_admin = db.Column(db.Boolean)
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('user.id'))
    status = db.Column(db.String(20))
class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
""",
        "limits.py": """\
from flask_limiter import Limiter
limiter = Limiter()
""",
    },
    {
        "app/routers/items.py": """\
from fastapi import APIRouter, Depends
from app.security import get_current_user
from app.db import get_db
router = APIRouter(prefix='/items', dependencies=[Depends(get_current_user)])

@router.post('/')
def create(item: ItemIn, db=Depends(get_db)):
    db.add(Item(name=item.name))
    db.commit()
""",
        "app/security.py": """\
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
scheme = OAuth2PasswordBearer(tokenUrl='token')

def get_current_user(token: str = Depends(scheme)):
    user = decode(token)
    if user is None:
        raise HTTPException(status_code=401)
    return user
""",
    },
    {
        "app/main.py": """\
from fastapi import FastAPI, Depends
from app.routers import items
from app.security import get_current_user
app = FastAPI()
app.include_router(items.router, prefix='/v1', dependencies=[Depends(get_current_user)])
""",
        "app/routers/items.py": """\
from fastapi import APIRouter
router = APIRouter()

@router.delete('/{item_id}')
def remove(item_id: int):
    db.delete_one({'id': item_id, 'shop': SHOP})
""",
        "app/security.py": """\
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
scheme = OAuth2PasswordBearer(tokenUrl='token')

def get_current_user(token: str = Depends(scheme)):
    user = decode(token)
    if user is None:
        raise HTTPException(status_code=401)
    return user
""",
    },
    {
        "app.py": """\
from flask import Blueprint, g, redirect, request, session, url_for
from models import db, Board, Note
main = Blueprint('main', __name__)

@main.url_value_preprocessor
def pull_board(endpoint, values):
    board = Board.query.get(values.pop('board_id', None))
    if board.id in session.get('boards', {}) or session.get('user_id') == board.user_id:
        g.board = board
    else:
        raise Redirect303(url_for('.login', board_id=board.id))

@main.route('/<board_id>/login', methods=['POST'])
def login():
    if check_password_hash(g.board.password_hash, request.form['password']):
        session['user_id'] = g.board.user_id
    return redirect('/')

@main.route('/<board_id>/notes', methods=['POST'])
def add_note():
    db.session.add(Note(board=g.board, text=request.json['text']))
    db.session.commit()
    return 'ok'

@main.route('/<board_id>/notes/<note_id>/delete', methods=['POST'])
def delete_note(note_id):
    db.session.delete(Note.query.get(note_id))
    db.session.commit()
    return 'ok'
""",
        "models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Board(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    password_hash = db.Column(db.String(200))
    user_id = db.Column(db.Integer)
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(20))
""",
        "limits.py": "from flask_limiter import Limiter\nlimiter = Limiter()\n",
    },
)
