import os
import tempfile
from pathlib import Path

import requests
from flask import Blueprint, g, jsonify, request, send_file
from jinja2 import Environment, FileSystemLoader, Template

from bank.security import token_required

bp = Blueprint("statements", __name__)
ARCHIVE = Path(os.getenv("ARCHIVE", "/srv/statements"))
pages = Environment(loader=FileSystemLoader("templates"))


@bp.get("/download")
@token_required
def download():
    name = request.args["file"]
    path = ARCHIVE / str(g.user.id) / name
    if not path.exists():
        return jsonify(error="no such statement"), 404
    return send_file(path)


@bp.get("/<int:year>/<int:month>")
@token_required
def monthly(year, month):
    path = ARCHIVE / str(g.user.id) / f"{year}-{month:02d}.pdf"
    return send_file(path)


@bp.get("/checked")
@token_required
def checked():
    base = (ARCHIVE / str(g.user.id)).resolve()
    path = (base / request.args["file"]).resolve()
    if not path.is_relative_to(base):
        return jsonify(error="no"), 400
    return send_file(path)


@bp.post("/preview")
@token_required
def preview():
    layout = request.get_json()["layout"]
    return Template(layout).render(user=g.user)


@bp.post("/webhook-test")
@token_required
def webhook_test():
    target = request.get_json()["callback_url"]
    reply = requests.post(target, json={"hello": "world"}, timeout=3)
    return jsonify(status=reply.status_code, body=reply.text[:500])


@bp.post("/rates")
@token_required
def rates():
    currency = request.get_json().get("currency", "EUR")
    reply = requests.get("https://rates.example.org/v1/latest", params={"base": currency}, timeout=3)
    return jsonify(reply.json())


@bp.get("/page")
@token_required
def page():
    body = pages.get_template("statement.html").render(user=g.user, note=request.args.get("note", ""))
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False) as out:
        out.write(body)
    return send_file(out.name)
