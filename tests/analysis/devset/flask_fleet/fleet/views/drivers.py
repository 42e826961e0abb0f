from flask import Blueprint, render_template, request

from fleet.security import g, own, signed_in
from fleet.tables import Drivers

blueprint = Blueprint("drivers", __name__, url_prefix="/drivers")


@blueprint.get("/")
@signed_in
def index():
    return render_template("drivers.html", drivers=Drivers.of(g.user["id"]), q=request.args.get("q", ""))


@blueprint.get("/<int:driver_id>")
@signed_in
def show(driver_id):
    return render_template("driver.html", driver=own(Drivers.get(driver_id)))


@blueprint.post("/<int:driver_id>")
@signed_in
def rename(driver_id):
    own(Drivers.get(driver_id))
    Drivers.update(driver_id, name=request.form["name"])
    return render_template("driver.html", driver=Drivers.get(driver_id))
