from flask import Blueprint, jsonify, request

from fleet.errors import NotFound
from fleet.security import g, own, signed_in
from fleet.tables import Cars, Trips

blueprint = Blueprint("trips", __name__, url_prefix="/trips")


@blueprint.get("/")
@signed_in
def index():
    return jsonify(Trips.of(g.user["id"], min(int(request.args.get("limit", 100)), 500)))


@blueprint.post("/")
@signed_in
def add():
    car = own(Cars.get(int(request.form["car"])))
    trip = Trips.create(
        owner_id=g.user["id"],
        car_id=car["id"],
        start=request.form["start"],
        stop=request.form["stop"],
        purpose=request.form.get("purpose", "business"),
    )
    return jsonify(id=trip), 201


@blueprint.delete("/<int:trip_id>")
@signed_in
def remove(trip_id):
    trip = Trips.get(trip_id)
    if trip is None or trip["owner_id"] != g.user["id"]:
        raise NotFound
    Trips.update(trip_id, purpose="removed")
    return "", 204
