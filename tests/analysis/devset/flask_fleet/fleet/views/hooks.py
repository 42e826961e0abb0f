import os

from flask import Blueprint, abort, current_app, request

from fleet.security import valid_signature
from fleet.tables import Invoices

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


@blueprint.post("/payment")
def payment():
    key = os.environ["FLEET_PAYMENT_KEY"].encode()
    if not valid_signature(request.get_data(), request.headers.get("X-Signature", ""), key):
        abort(403)
    event = request.get_json()
    Invoices.update(int(event["invoice"]), paid=True)
    return "", 204


@blueprint.post("/telematics")
def telematics():
    event = request.get_json()
    current_app.logger.info("telematics for %s", int(event["car"]))
    Cars.update(int(event["car"]), mileage=int(event["mileage"]))
    return "", 204


from fleet.tables import Cars  # noqa: E402 - circular otherwise
