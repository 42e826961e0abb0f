import csv
import io
import subprocess

from flask import Blueprint, Response, abort, current_app, g, jsonify, request, stream_with_context
from werkzeug.local import LocalProxy

from ..guards import landlord_required, person_required

bp = Blueprint("tenants", __name__, url_prefix="/tenants")
store = LocalProxy(lambda: current_app.extensions["store"])


@bp.before_request
@person_required
def check():
    pass


@bp.get("/<int:number>")
def tenant(number):
    row = store.one("SELECT name, iban, salary FROM tenants WHERE id = ?", (number,)) or abort(404)
    return jsonify(dict(row))


@bp.get("/me")
def mine():
    return jsonify(dict(store.one("SELECT name, iban FROM tenants WHERE person = ?", (g.person["id"],))))


@bp.get("/export")
@landlord_required
def export():
    out = io.StringIO()
    writer = csv.writer(out)
    for row in store.rows("SELECT name, remark FROM tenants WHERE landlord = ?", (g.person["id"],)):
        writer.writerow([row["name"], row["remark"]])
    return Response(out.getvalue(), mimetype="text/csv")


@bp.post("/letter")
@landlord_required
def letter():
    template = request.form["template"]
    done = subprocess.run(f"pandoc -t html {template}", shell=True, capture_output=True)
    return Response(stream_with_context(iter([done.stdout])), mimetype="text/html")


@bp.post("/print")
@landlord_required
def printed():
    subprocess.run(["lp", "-d", "office", "--", request.form["document"]], check=True)
    return "", 204
