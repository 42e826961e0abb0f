"""Small projects that show who may say that something happened: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_FLASK = """\
import hmac
import stripe
from flask import Flask, abort, request
from models import Order, db
app = Flask(__name__)

@app.post('/payments/webhook')
def webhook():
    {check}
    Order.query.filter_by(id=event['order']).update({{'status': 'paid'}})
    db.session.commit()
    return '', 204
"""
_DJANGO = """\
import json
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from .models import Invoice
from .signing import verified

@csrf_exempt
def paid_hook(request):
    event = {event}
    Invoice.objects.filter(pk=event['invoice']).update(paid=True)
    return HttpResponse('ok')
"""
_URLS = """\
from django.urls import path
from . import views
urlpatterns = [path('stripe/hook/', views.paid_hook)]
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "unsigned-webhook": (
        {"app.py": _FLASK.format(check="event = request.get_json()")},
        {"pay/views.py": _DJANGO.format(event="json.loads(request.body)"), "pay/urls.py": _URLS},
        {
            "api.py": """\
from fastapi import Depends, FastAPI, Request
from sqlalchemy import text
from database import get_session
app = FastAPI()

@app.post('/hooks/stripe')
async def stripe(request: Request, db=Depends(get_session)):
    event = await request.json()
    await db.execute(text('UPDATE users SET credits = credits + :c WHERE id = :id'), {'c': 1, 'id': event['user']})
    await db.commit()
"""
        },
    ),
}

GOOD: tuple[Files, ...] = (
    {"app.py": _FLASK.format(check="event = stripe.Webhook.construct_event(request.data, header, SECRET)")},
    {
        "app.py": _FLASK.format(
            check="event = request.get_json()\n    if not hmac.compare_digest(made(), given()):\n        abort(403)"
        )
    },
    {"pay/views.py": _DJANGO.format(event="verified(request)"), "pay/urls.py": _URLS},
    {
        "app.py": """\
from flask import Flask, request
from flask_login import login_required
app = Flask(__name__)

@app.post('/settings/webhook')
@login_required
def set_webhook():
    current_user.hook = request.form['url']
    db.session.commit()
    return 'ok'
""",
        "protection.py": "from flask_wtf.csrf import CSRFProtect\nCSRFProtect()\n",
    },
    {
        "app.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.post('/webhook')
def bot():
    reply(request.json['message'])
    return 'ok'
"""
    },
)
