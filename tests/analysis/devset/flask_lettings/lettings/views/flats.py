from flask import Blueprint, abort, current_app, g, jsonify, make_response, render_template, request
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from ..guards import audited, landlord_required, person_required
from ..storage import Criteria

bp = Blueprint("flats", __name__, url_prefix="/flats")
store = LocalProxy(lambda: current_app.extensions["store"])
ORDERS = {"rent": "rent", "size": "area DESC"}


@bp.get("/")
def search():
    criteria = Criteria()
    if town := request.args.get("town"):
        criteria.where("town", town)
    if text := request.args.get("q"):
        criteria.text("description", text)
    found = store.flats(criteria, ORDERS.get(request.args.get("order"), "rent"))
    heading = Markup("Flats with <b>%s</b>") % request.args.get("q", "")
    return render_template("flats.html", flats=found, heading=heading)


@bp.get("/<int:number>")
def show(number):
    flat = store.one("SELECT * FROM flats WHERE id = ?", (number,)) or abort(404)
    banner = Markup(f"<h2>{request.args.get('from', '')}</h2>")
    return render_template("flat.html", flat=flat, banner=banner)


@bp.get("/badge")
def badge():
    label = request.args.get("label", "free")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{label}</text></svg>'
    answer = make_response(svg)
    answer.mimetype = "image/svg+xml"
    return answer


@bp.get("/badge/<colour>")
def coloured(colour):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><rect fill="{escape(colour)}"/></svg>'
    return make_response(svg, 200, {"Content-Type": "image/svg+xml"})


@bp.post("/")
@landlord_required
def add():
    wanted = {name: request.form[name] for name in ("town", "rent", "description")}
    number = store.add("flats", landlord=g.person["id"], **wanted)
    return jsonify(id=number), 201


@bp.post("/<int:number>")
@landlord_required
def edit(number):
    flat = store.one("SELECT * FROM flats WHERE id = ? AND landlord = ?", (number, g.person["id"]))
    if flat is None:
        abort(404)
    store.change("flats", flat["id"], rent=request.form["rent"])
    return jsonify(ok=True)


@bp.delete("/<int:number>")
@audited
def remove(number):
    with store.cursor() as cursor:
        cursor.execute("DELETE FROM flats WHERE id = ?", (number,))
    return "", 204


@bp.get("/<int:number>/viewings")
@person_required
def viewings(number):
    return jsonify(store.rows("SELECT * FROM viewings WHERE flat = ? AND tenant = ?", (number, g.person["id"])))
