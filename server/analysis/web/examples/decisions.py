"""Small projects that show what is decided by the client's word: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_PROTECTED = "from flask_wtf.csrf import CSRFProtect\nCSRFProtect()\n"

_TRANSFER = """\
from decimal import Decimal
from flask import Flask, abort, request
from flask_login import current_user, login_required
from models import db, Account
app = Flask(__name__)

@app.route('/transfer', methods=['POST'])
@login_required
def transfer():
    amount = Decimal(request.form['amount'])
{check}    source = Account.query.filter_by(user_id=current_user.id){lock}.first()
    if source.balance < amount:
        abort(400)
    source.balance -= amount
    db.session.commit()
    return 'ok'
"""

_MODEL_TRANSFER = """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field, PositiveFloat
app = FastAPI()

class Transfer(BaseModel):
    to: int
    amount: {kind}

@app.post('/transfer')
def transfer(body: Transfer, user=Depends(current_user), db=Depends(get_db)):
    source = db.query(Account).filter(Account.owner_id == user.id).with_for_update().one()
    if source.balance < body.amount:
        raise HTTPException(400)
    source.balance -= body.amount
    db.commit()
    return {{'balance': source.balance}}
"""

_TRIP = """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from security import current_user
api = FastAPI()

class Trip(BaseModel):
    vehicle: int
    cost: float

@api.post('/trips')
def book(body: Trip, user=Depends(current_user), db=Depends(get_db)):
    if user.credits < {price}:
        raise TooPoor
    db.add(Booking(vehicle=body.vehicle))
    db.commit()
"""
_REFUND = """\
from django.contrib.auth.decorators import login_required
from .models import Wallet

@login_required
def refund(request):
    wallet = Wallet.objects{lock}.get(owner=request.user)
    wallet.balance = wallet.balance + refund_of(request.user)
    wallet.save()
    return page(request)
"""

_HOOK = """\
import hmac
from django.http import HttpResponse

def paid(request):
    sent = request.headers.get("X-Seal", "")
    expected = hmac.new(KEY, request.body, "sha256").hexdigest()
{check}        return HttpResponse(status=403)
    settle(request.body)
    return HttpResponse(status=204)
"""
_STAFF = """\
from django.conf import settings

class Staff:
    def process_request(self, request):
        if {test}:
            request.user.is_staff = True
"""

_SHIPMENT = """\
from fastapi import FastAPI
app = FastAPI()

@app.post('/shipments')
async def create(db: Db, account: Current, sent: NewShipment):
    price = {price}
    shipment = Shipment(account_id=account.id, weight=sent.weight, price=price)
    db.add(shipment)
    return shipment
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "optional-check": ({"hooks.py": _HOOK.format(check="    if sent and not hmac.compare_digest(sent, expected):\n")},),
    "client-identity": (
        {"middleware.py": _STAFF.format(test="request.META.get('HTTP_X_HOUSE') == 'yes'")},
        {
            "handlers.py": """\
from tornado import web

class Base(web.RequestHandler):
    def get_current_user(self):
        return self.get_cookie("person")
""",
        },
        {
            "app.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.route('/report')
def report():
    if request.headers.get('User-Agent') == 'acme-admin':
        return everything()
    return '', 403
""",
        },
        {
            "app.py": """\
from flask import Flask, abort, request, render_template
app = Flask(__name__)

@app.route('/panel')
def panel():
    if request.cookies.get('role') != 'admin':
        abort(403)
    return render_template('panel.html')
""",
        },
        {
            "api.py": """\
from fastapi import FastAPI, HTTPException, Request
api = FastAPI()

@api.get('/panel')
def panel(request: Request):
    user = request.headers.get('X-User-Id')
    if user != '1':
        raise HTTPException(status_code=403)
    return {'ok': True}
""",
        },
        {
            "security.py": """\
import functools
from flask import abort, request

def admin_required(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        if request.cookies.get('is_admin') != 'true':
            abort(403)
        return view(*args, **kwargs)
    return wrapper
""",
        },
        {
            "depends.py": """\
from fastapi import HTTPException, Request

async def only_inside(request: Request):
    address = request.headers.get('X-Forwarded-For', '')
    if address not in ALLOWED:
        raise HTTPException(status_code=403)
""",
        },
        {
            "middleware.py": """\
from django.contrib.auth import get_user_model

class Impersonation:
    def __call__(self, request):
        user_id = request.headers.get('X-Impersonate-User')
        if user_id:
            request.user = get_user_model().objects.get(pk=user_id)
        return self.get_response(request)
""",
        },
    ),
    "client-price": (
        {"main.py": _SHIPMENT.format(price="sent.price or sent.weight * 2.5")},
        {
            "api.py": """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel
app = FastAPI()

class OrderIn(BaseModel):
    items: list[int]
    total: float

@app.post('/orders')
def create(body: OrderIn, user=Depends(current_user), db=Depends(get_db)):
    order = Order(user_id=user.id, total=body.total)
    db.add(order)
    db.commit()
    return {'id': order.id}
""",
        },
        {
            "app.py": """\
from flask import Flask, request
from models import db, Order
app = Flask(__name__)

@app.route('/buy', methods=['POST'])
def buy():
    total = float(request.form['price']) * int(request.form['quantity'])
    db.session.add(Order(total=total))
    db.session.commit()
    return 'ok'
""",
            "protection.py": _PROTECTED,
        },
        {"trips.py": _TRIP.format(price="body.cost")},
        {
            "cart.py": """\
from flask import Flask, request, session
app = Flask(__name__)

@app.post('/cart')
def add():
    session['cart'].append({'item': request.json['item'], 'price': request.json['price']})
    return 'ok'
""",
            "protection.py": _PROTECTED,
        },
    ),
    "negative-amount": (
        {"app.py": _TRANSFER.format(check="", lock=".with_for_update()"), "protection.py": _PROTECTED},
        {"main.py": _MODEL_TRANSFER.format(kind="float")},
    ),
    "outrun-check": (
        {
            "app.py": _TRANSFER.format(check="    if amount <= 0:\n        abort(400)\n", lock=""),
            "protection.py": _PROTECTED,
        },
        {"refunds.py": _REFUND.format(lock="")},
    ),
}

GOOD: tuple[Files, ...] = (
    {"main.py": _SHIPMENT.format(price="sent.weight * 2.5")},
    {"hooks.py": _HOOK.format(check="    if not hmac.compare_digest(sent, expected):\n")},
    {
        "hooks.py": _HOOK.format(
            check="    if not sent:\n        return HttpResponse(status=401)\n"
            "    if sent and not hmac.compare_digest(sent, expected):\n"
        )
    },
    {"middleware.py": _STAFF.format(test="request.META.get('HTTP_X_HOUSE') == house_key()")},
    {
        "handlers.py": """\
from tornado import web

class Base(web.RequestHandler):
    def get_current_user(self):
        return self.get_secure_cookie("person")
""",
    },
    {
        "app.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.route('/health')
def health():
    if request.headers.get('User-Agent') == 'ELB-HealthChecker/2.0':
        return 'ok'
    return page()
""",
    },
    {"trips.py": _TRIP.format(price="price_of(body.vehicle)")},
    {"refunds.py": _REFUND.format(lock=".select_for_update()")},
    {"main.py": _MODEL_TRANSFER.format(kind="PositiveFloat")},
    {"main.py": _MODEL_TRANSFER.format(kind="float = Field(gt=0)")},
    {
        "app.py": _TRANSFER.format(check="    if amount <= 0:\n        abort(400)\n", lock=".with_for_update()"),
        "protection.py": _PROTECTED,
    },
    {
        "app.py": """\
from flask import Flask, request, render_template
app = Flask(__name__)

@app.route('/theme')
def theme():
    if request.cookies.get('theme') == 'dark':
        return render_template('dark.html')
    return render_template('light.html')
""",
    },
)
