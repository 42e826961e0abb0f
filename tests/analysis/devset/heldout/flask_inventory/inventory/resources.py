import csv
import io
import json
import os
import shlex
import subprocess
import tempfile
from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

import jwt
from flask import Blueprint, abort, current_app, g, jsonify, request, send_file
from marshmallow import EXCLUDE, Schema, fields

from inventory import db
from inventory.auth import check_password, login_required, role_required

api = Blueprint("api", __name__)


class ItemSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.Str(required=True)
    count = fields.Int(load_default=0)
    price = fields.Decimal(as_string=True)


@api.post("/login")
def login():
    body = request.get_json(silent=True) or {}
    user = check_password(body.get("name", ""), body.get("password", ""))
    if user is None:
        current_app.logger.warning("login failed for %r: %r", body.get("name"), body)
        return jsonify(message="wrong name or password"), 401
    token = jwt.encode({"sub": user["id"], "role": user["role"]}, current_app.config["SECRET_KEY"], "HS256")
    return jsonify(token=token)


@api.get("/items")
@login_required
def items():
    query = db.Query("items")
    if "name" in request.args:
        query.where("name = '%s'" % request.args["name"])
    return jsonify(query.order_by(request.args.get("order", "id")).all())


@api.get("/items/<int:item_id>")
@login_required
def item(item_id):
    return jsonify(db.fetch("items", item_id) or abort(404))


@api.post("/items")
@role_required("clerk")
def add_item():
    db.insert("items", ItemSchema().load(request.get_json()))
    return "", 201


@api.put("/items/<int:item_id>")
@role_required("clerk")
def change_item(item_id):
    changes = request.get_json()
    assignments = ", ".join(f"{name} = %s" for name in changes)
    with db.get_db().cursor() as cursor:
        cursor.execute(f"UPDATE items SET {assignments} WHERE id = %s", (*changes.values(), item_id))
    db.get_db().commit()
    return "", 204


@api.delete("/items/<int:item_id>")
def delete_item(item_id):
    with db.get_db().cursor() as cursor:
        cursor.execute("DELETE FROM items WHERE id = %s", (item_id,))
    db.get_db().commit()
    return "", 204


@api.get("/orders/<int:order_id>")
@login_required
def order(order_id):
    return jsonify(db.fetch("orders", order_id))


@api.get("/orders/mine/<int:order_id>")
@login_required
def my_order(order_id):
    order = db.fetch("orders", order_id)
    if order is None or order["user_id"] != g.user["id"]:
        abort(404)
    return jsonify(order)


@api.post("/labels")
@role_required("clerk")
def labels():
    text = request.get_json()["text"]
    path = tempfile.mkstemp(suffix=".png")[1]
    subprocess.run(f"qrencode -o {path} {shlex.quote(text)}", shell=True, check=True)
    subprocess.run("lp -d " + request.get_json()["printer"] + " " + path, shell=True)
    return send_file(path)


@api.post("/delivery")
@role_required("clerk")
def delivery():
    parser = make_parser()
    parser.setFeature(feature_external_ges, True)
    events = pulldom.parse(io.BytesIO(request.data), parser)
    names = [node.getAttribute("name") for event, node in events if event == pulldom.START_ELEMENT]
    return jsonify(names=names)


@api.get("/export/<fmt>")
@login_required
def export(fmt):
    rows = db.Query("items").all()
    if fmt == "json":
        return jsonify(rows)
    module = __import__("inventory.formats." + fmt, fromlist=["dump"])
    return module.dump(rows)


@api.get("/photos")
@login_required
def photos():
    folder = os.path.join(current_app.instance_path, "photos")
    name = request.args.get("name", "").replace("../", "")
    return send_file(os.path.join(folder, name))


@api.errorhandler(Exception)
def broken(error):
    return jsonify(message=repr(error)), 500
