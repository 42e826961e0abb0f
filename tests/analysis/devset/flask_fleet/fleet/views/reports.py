import csv
import io
from datetime import date

import requests
from flask import Blueprint, Response, jsonify, render_template, request
from markupsafe import Markup, escape

from fleet.security import g, signed_in
from fleet.tables import Trips

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
GEOCODER = "https://geocoder.example.org/search"


@blueprint.get("/trips.csv")
@signed_in
def trips_csv():
    out = io.StringIO()
    writer = csv.DictWriter(out, ["start", "stop", "kilometres", "purpose"], extrasaction="ignore")
    writer.writeheader()
    first = date.fromisoformat(request.args["first"])
    last = date.fromisoformat(request.args["last"])
    writer.writerows(Trips.between(g.user["id"], first.isoformat(), last.isoformat()))
    return Response(out.getvalue(), mimetype="text/csv")


@blueprint.get("/purpose")
@signed_in
def by_purpose():
    purpose = request.args.get("purpose", "business")
    trips = Trips.with_purpose(g.user["id"], purpose)
    title = Markup("<h2>Trips: %s</h2>") % purpose
    return render_template("trips.html", trips=trips, title=title)


@blueprint.get("/summary")
@signed_in
def summary():
    year = request.args.get("year", type=int, default=date.today().year)
    note = request.args.get("note", "")
    trips = Trips.between(g.user["id"], f"{year}-01-01", f"{year}-12-31")
    total = sum(trip["kilometres"] for trip in trips)
    return f"<h1>{year}</h1><p>{total} km</p><p>{note}</p>"


@blueprint.get("/summary/escaped")
@signed_in
def summary_escaped():
    note = escape(request.args.get("note", ""))
    return f"<h1>Summary</h1><p>{note}</p>"


@blueprint.get("/place")
@signed_in
def place():
    reply = requests.get(GEOCODER, params={"q": request.args["q"], "limit": 1}, timeout=5)
    return jsonify(reply.json())


@blueprint.post("/push")
@signed_in
def push():
    endpoint = request.form["endpoint"]
    if not endpoint.startswith("https://"):
        return jsonify(error="https only"), 400
    reply = requests.post(endpoint, json={"trips": len(Trips.of(g.user["id"]))}, timeout=5)
    return jsonify(status=reply.status_code)
