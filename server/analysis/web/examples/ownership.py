"""Small projects that show whose an object is: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_INVOICE = """\
from django.db import models
class Invoice(models.Model):
    customer = models.ForeignKey('auth.User', on_delete=models.CASCADE)
    total = models.DecimalField()
"""

_ORDER = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

class Order(Base):
    __tablename__ = 'orders'
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey('accounts.id'))
"""

_BY_REPOSITORY = """\
from fastapi import APIRouter, Depends, HTTPException
from .models import Account, Order
router = APIRouter(prefix='/orders')

@router.get('/{{order_id}}', response_model=OrderOut)
def show(order_id: int, repo: OrderRepository = Depends(orders), account: Account = Depends(get_current_user)):
    order = repo.get(order_id)
{check}    return order
"""

_OWNED = """\
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from .models import Invoice

class IsOwner(permissions.BasePermission):
    def has_object_permission(self, request, view, obj):
        return obj.customer_id == request.user.id

class InvoiceViewSet(viewsets.GenericViewSet):
    queryset = Invoice.objects.all()
    permission_classes = [permissions.IsAuthenticated, IsOwner]

    @action(detail=True, methods=['post'])
    def cancel(self, request, pk=None):
        invoice = {taken}
        invoice.cancelled = True
        invoice.save()
"""

_VIEW_SET = """\
from rest_framework import permissions, serializers, viewsets
from .models import Grade

class GradeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Grade
        fields = ['student', 'value']

class GradeViewSet(viewsets.ModelViewSet):
    serializer_class = GradeSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self):
        return Grade.objects.{which}
"""
_GRADES = """\
from django.conf import settings
from django.db import models

class Grade(models.Model):
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    value = models.IntegerField()
"""

_PART = """\
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpResponse

class Paper(models.Model):
    student = models.ForeignKey('auth.User', on_delete=models.CASCADE)

class Appeal(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE)
    reason = models.TextField()

@login_required
def change(request, pk):
    appeal = Appeal.objects.get(pk=pk{whose})
    appeal.reason = request.POST['reason']
    appeal.save()
    return HttpResponse(status=204)
"""
_INJECTED = {
    "kennel/repositories.py": """\
class Stays:
    async def cancel(self, number: int) -> None:
        await self._pool.execute("DELETE FROM stays WHERE id = $1", number)
""",
    "kennel/controllers.py": """\
from litestar import Controller, delete, post
from litestar.exceptions import NotAuthorizedException
from kennel.repositories import Stays

def logged_in(connection, handler):
    if connection.scope.get("user") is None:
        raise NotAuthorizedException

class StayController(Controller):
    path = "/stays"
    guards = [logged_in]

    @delete("/{number:int}")
    async def cancel(self, request: Request, stays: Stays, number: int) -> None:
        await stays.cancel(WHICH)

@post("/login")
@limiter.limit("5/minute")
async def login(data: Credentials) -> Response:
    user = await find_user(data.name, data.password)
    return create_token(user)
""",
}


def _cancelling(which: str) -> Files:
    return {path: text.replace("WHICH", which) for path, text in _INJECTED.items()}


BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-object": (
        {"views.py": _PART.format(whose="")},
        _cancelling("number"),
        {"grades/views.py": _VIEW_SET.format(which="all()"), "grades/models.py": _GRADES},
        {
            "app.py": """\
from flask import Flask, abort, request, jsonify
from flask_login import LoginManager, current_user, login_required
from models import db, Order
app = Flask(__name__)

@app.route('/orders/<int:order_id>')
@login_required
def order(order_id):
    return jsonify(Order.query.get_or_404(order_id).to_dict())
""",
            "models.py": """\
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('users.id'))
""",
        },
        {
            "app.py": """\
import sqlite3
from flask import Flask, request, session, redirect
app = Flask(__name__)

@app.route('/notes/<note_id>/delete', methods=['POST'])
def delete_note(note_id):
    if 'user_id' not in session:
        return redirect('/login')
    db = sqlite3.connect('n.db')
    db.execute('DELETE FROM notes WHERE id = ?', (note_id,))
    db.commit()
    return redirect('/')

@app.route('/mine')
def mine():
    db = sqlite3.connect('n.db')
    return str(db.execute('SELECT * FROM notes WHERE user_id = ?', (session['user_id'],)).fetchall())
""",
            "schema.py": """\
SCHEMA = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER, text TEXT)'
""",
            "limits.py": """\
from flask_wtf.csrf import CSRFProtect
CSRFProtect()
""",
        },
        {
            "api/views.py": """\
from rest_framework import viewsets
from rest_framework.permissions import IsAuthenticated
from .models import Invoice

class InvoiceViewSet(viewsets.ModelViewSet):
    queryset = Invoice.objects.all()
    serializer_class = InvoiceSerializer
    permission_classes = [IsAuthenticated]
""",
            "api/models.py": """\
from django.db import models
class Invoice(models.Model):
    customer = models.ForeignKey('auth.User', on_delete=models.CASCADE)
    total = models.DecimalField()
""",
            "api/urls.py": """\
router.register('invoices', InvoiceViewSet)
""",
        },
        {"api/views.py": _OWNED.format(taken="Invoice.objects.get(pk=pk)"), "api/models.py": _INVOICE},
        {"app/api.py": _BY_REPOSITORY.format(check=""), "app/models.py": _ORDER},
        {
            "app/items.py": """\
from fastapi import APIRouter, Depends
from app.security import get_current_user
router = APIRouter()

@router.get('/documents/{document_id}')
async def read(document_id: int, db=Depends(get_db), user=Depends(get_current_user)):
    return db.query(Document).filter(Document.id == document_id).first()
""",
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {"views.py": _PART.format(whose=", paper__student=request.user")},
    _cancelling("request.user.stay_id"),
    {"grades/views.py": _VIEW_SET.format(which="filter(student=self.request.user)"), "grades/models.py": _GRADES},
    {"api/views.py": _OWNED.format(taken="self.get_object()"), "api/models.py": _INVOICE},
    {
        "app/api.py": _BY_REPOSITORY.format(
            check="    if order is None or order.account_id != account.id:\n        raise HTTPException(404)\n"
        ),
        "app/models.py": _ORDER,
    },
    {
        "app.py": """\
from flask import Flask, abort, request, jsonify
from flask_login import LoginManager, current_user, login_required
from models import db, Order
app = Flask(__name__)

@app.route('/orders/<int:order_id>')
@login_required
def order(order_id):
    found = Order.query.get_or_404(order_id)
    if found.user_id != current_user.id:
        abort(403)
    return jsonify(found.to_dict())
""",
        "models.py": """\
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('users.id'))
""",
    },
    {
        "app.py": """\
from flask import Flask, abort, request, jsonify
from flask_login import LoginManager, current_user, login_required
from models import db, Order
app = Flask(__name__)

@app.route('/orders/<int:order_id>')
@login_required
def order(order_id):
    return jsonify(Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404().to_dict())
""",
        "models.py": """\
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey('users.id'))
""",
    },
    {
        "api/views.py": """\
from rest_framework import viewsets
from rest_framework.permissions import IsAuthenticated
from .models import Invoice

class InvoiceViewSet(viewsets.ModelViewSet):
    serializer_class = InvoiceSerializer
    permission_classes = [IsAuthenticated]

    def get_queryset(self):
        return Invoice.objects.filter(customer=self.request.user)
""",
        "api/models.py": """\
from django.db import models
class Invoice(models.Model):
    customer = models.ForeignKey('auth.User', on_delete=models.CASCADE)
    total = models.DecimalField()
""",
    },
    {
        "app/items.py": """\
from fastapi import APIRouter, Depends
from app.security import get_current_user
from app import service
router = APIRouter()

@router.get('/documents/{document_id}')
async def read(document_id: int, user=Depends(get_current_user)):
    return service.get_document(document_id, user)
""",
        "app/service.py": """\
def get_document(document_id, user):
    found = db.query(Document).filter(Document.id == document_id, Document.owner_id == user.id).first()
    if found is None:
        raise Forbidden
    return found
""",
    },
)
