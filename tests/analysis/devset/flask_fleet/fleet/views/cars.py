import os
import secrets
import subprocess

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, url_for

from fleet.security import g, own, signed_in
from fleet.tables import Cars, Drivers

blueprint = Blueprint("cars", __name__, url_prefix="/cars")
KINDS = {"image/png": ".png", "image/jpeg": ".jpg"}


@blueprint.get("/")
@signed_in
def index():
    return render_template("cars.html", cars=Cars.of(g.user["id"]))


@blueprint.get("/<int:car_id>")
@signed_in
def show(car_id):
    car = own(Cars.get(car_id))
    return render_template("car.html", car=car)


@blueprint.post("/")
@signed_in
def add():
    car_id = Cars.create(owner_id=g.user["id"], name=request.form["name"], plate=request.form["plate"])
    return redirect(url_for("cars.show", car_id=car_id))


@blueprint.post("/<int:car_id>/mileage")
@signed_in
def mileage(car_id):
    car = Cars.get(car_id)
    if car is None:
        abort(404)
    Cars.update(car_id, mileage=int(request.form["mileage"]))
    return redirect(url_for("cars.show", car_id=car_id))


@blueprint.post("/<int:car_id>/photo")
@signed_in
def photo(car_id):
    own(Cars.get(car_id))
    upload = request.files["photo"]
    suffix = KINDS.get(upload.mimetype)
    if suffix is None:
        abort(415)
    name = secrets.token_hex(16) + suffix
    path = os.path.join(current_app.config["FILES"], name)
    upload.save(path)
    subprocess.run(["mogrify", "-resize", "800x600>", path], check=True, timeout=20)
    Cars.update(car_id, photo=name)
    return redirect(url_for("cars.show", car_id=car_id))


@blueprint.get("/search")
@signed_in
def search():
    found = Cars.search(request.args.get("q", ""), request.args.get("order", "name"))
    return jsonify([car["name"] for car in found if car["owner_id"] == g.user["id"]])


@blueprint.get("/drivers/search")
@signed_in
def drivers():
    order = "licence" if request.args.get("order") == "licence" else "name"
    return jsonify([driver["name"] for driver in Drivers.search(request.args.get("q", ""), order)])
