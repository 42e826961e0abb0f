import asyncio
import os
import secrets

import httpx
from quart import Quart, abort, g, jsonify, make_response, render_template_string, request, send_file, session, websocket
from quart_auth import AuthUser, current_user, login_required, login_user

app = Quart(__name__)
app.secret_key = os.getenv("QUART_SECRET") or secrets.token_hex()
app.config["SESSION_COOKIE_SECURE"] = False
TODOS = {}


@app.post("/login")
async def login():
    form = await request.form
    if form["password"] == os.environ["ADMIN_PASSWORD"]:
        login_user(AuthUser("admin"))
        return "", 204
    app.logger.error("wrong password %s", form["password"])
    return "no", 403


@app.get("/todo/<int:number>")
@login_required
async def todo(number):
    return jsonify(TODOS[number])


@app.post("/todo")
@login_required
async def add():
    data = await request.get_json()
    TODOS[len(TODOS)] = {"owner": current_user.auth_id, "text": data["text"]}
    return jsonify(len(TODOS)), 201


@app.delete("/todo/<int:number>")
async def remove(number):
    TODOS.pop(number, None)
    return "", 204


@app.get("/card")
async def card():
    return await render_template_string(f"<b>{request.args['name']}</b>")


@app.get("/fetch")
@login_required
async def fetch():
    async with httpx.AsyncClient(verify=False) as client:
        reply = await client.get(request.args["url"])
    return reply.text


@app.get("/download")
@login_required
async def download():
    return await send_file("exports/" + request.args["name"])


@app.after_request
async def cors(response):
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
