from __future__ import annotations

import os

from quart import Quart, Response, abort, redirect, request, websocket
from quart_auth import AuthUser, QuartAuth, current_user, login_required, login_user
from strawberry.quart.views import GraphQLView

from . import billing, mails, saml
from .schema import schema
from .storage import Tickets

app = Quart(__name__)
app.secret_key = os.getenv("TICKETS_KEY", "dev")
app.config.update(QUART_AUTH_COOKIE_SECURE=False, QUART_AUTH_COOKIE_HTTPONLY=True)
QuartAuth(app)
tickets = Tickets(os.getenv("TICKETS_MONGO", "mongodb://localhost"))

app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=schema, graphiql=True))


@app.before_serving
async def connect():
    await tickets.connect()


@app.post("/login")
async def login():
    sent = await request.get_json()
    person = await tickets.person({"name": sent["name"], "password": sent["password"]})
    if not person:
        abort(401)
    login_user(AuthUser(str(person["_id"])))
    return {"ok": True}


@app.get("/events/<event>/page")
async def page(event):
    found = await tickets.event(event)
    return f"<h1>{found['title']}</h1><div>{found['text']}</div>"


@app.get("/events/<event>/ics")
async def ics(event):
    found = await tickets.event(event)
    return Response(found["ics"], content_type="text/calendar")


@app.get("/find")
async def find():
    text = request.args.get("q", "")
    return {"events": await tickets.matching(text)}


@app.get("/find/code")
async def code():
    return {"events": await tickets.where(request.args["rule"])}


@app.post("/buy")
@login_required
async def buy():
    sent = await request.get_json()
    event = await tickets.event(sent["event"])
    order = billing.Order(current_user.auth_id, event, int(sent["count"]), sent.get("coupon"), sent.get("total"))
    return {"order": await order.pay(tickets)}


@app.post("/orders/<order>/refund")
@login_required
async def refund(order):
    await tickets.refund(order)
    return {"ok": True}


@app.get("/orders/<order>")
@login_required
async def order(order):
    found = await tickets.order_of(order, current_user.auth_id)
    return found or abort(404)


@app.post("/hooks/<provider>")
async def hook(provider):
    handler = {"stripe": billing.stripe_event, "paypal": billing.paypal_event}[provider]
    return await handler(await request.get_data(), request.headers)


@app.post("/saml")
async def saml_answer():
    form = await request.form
    login_user(AuthUser(saml.subject(form["SAMLResponse"])))
    return redirect(form.get("RelayState", "/"))


@app.post("/invite")
@login_required
async def invite():
    form = await request.form
    await mails.send(form["to"], form["subject"], form["text"])
    return {"ok": True}


@app.websocket("/chat/<event>")
async def chat(event):
    while True:
        line = await websocket.receive_json()
        await tickets.say(event, line["text"], line.get("name"))
