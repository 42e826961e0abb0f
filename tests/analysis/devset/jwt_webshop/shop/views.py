import os
from functools import wraps

import stripe
from flask import Blueprint, abort, jsonify, request, session
from sqlalchemy import text

from authsvc.models import Coupon, Order, Product, User, db

bp = Blueprint("shop", __name__, url_prefix="/shop")
stripe.api_key = os.environ["STRIPE_KEY"]


def login_required(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        if not session.get("user_id"):
            abort(401)
        return view(*args, **kwargs)
    return wrapper


@bp.post("/cart")
@login_required
def add():
    cart = session.setdefault("cart", [])
    cart.append({
        "product": int(request.json["product"]),
        "quantity": int(request.json["quantity"]),
        "price": request.json["price"],
    })
    session.modified = True
    return jsonify(cart)


@bp.post("/checkout")
@login_required
def checkout():
    user = User.query.get(session["user_id"])
    total = sum(line["price"] * line["quantity"] for line in session.get("cart", []))
    for code in request.json.get("coupons", []):
        coupon = Coupon.query.filter_by(code=code).first()
        if coupon and not coupon.used:
            total -= total * coupon.percent / 100
            coupon.used = True
    user.balance -= total
    db.session.add(Order(user_id=user.id, total=total, status=request.json.get("status", "new")))
    db.session.commit()
    return jsonify(total=total)


@bp.post("/checkout2")
@login_required
def checkout_well():
    quantity = int(request.json["quantity"])
    if not 1 <= quantity <= 20:
        abort(400)
    product = Product.query.get_or_404(request.json["product"])
    changed = db.session.execute(
        text("UPDATE product SET stock = stock - :q WHERE id = :id AND stock >= :q"), {"q": quantity, "id": product.id}
    )
    if changed.rowcount != 1:
        abort(409)
    db.session.add(Order(user_id=session["user_id"], total=product.price * quantity))
    db.session.commit()
    return jsonify(ok=True)


@bp.get("/orders/<int:order_id>")
@login_required
def order(order_id):
    found = Order.query.get_or_404(order_id)
    return jsonify(id=found.id, total=found.total)


@bp.get("/orders/mine/<int:order_id>")
@login_required
def my_order(order_id):
    found = Order.query.filter_by(id=order_id, user_id=session["user_id"]).first_or_404()
    return jsonify(id=found.id, total=found.total)


@bp.post("/orders/<int:order_id>/status")
@login_required
def set_status(order_id):
    found = Order.query.get_or_404(order_id)
    found.status = request.json["status"]
    db.session.commit()
    return jsonify(ok=True)


@bp.get("/pay/return")
def pay_return():
    found = Order.query.get_or_404(request.args["order"])
    if request.args.get("status") == "paid":
        found.status = "paid"
        db.session.commit()
    return "Thanks for order %s" % request.args["order"]


@bp.post("/stripe/webhook")
def stripe_webhook():
    event = request.get_json()
    if event["type"] == "charge.succeeded":
        Order.query.filter_by(id=event["data"]["order"]).update({"status": "paid"})
        db.session.commit()
    return "", 204


@bp.post("/stripe/webhook2")
def stripe_webhook_signed():
    event = stripe.Webhook.construct_event(request.data, request.headers["Stripe-Signature"], os.environ["WEBHOOK_SECRET"])
    Order.query.filter_by(id=event["data"]["order"]).update({"status": "paid"})
    db.session.commit()
    return "", 204


@bp.post("/gift")
@login_required
def gift():
    me = User.query.get(session["user_id"])
    other = User.query.filter_by(email=request.json["to"]).first_or_404()
    amount = int(request.json["amount"])
    if amount > me.balance:
        abort(400)
    me.balance -= amount
    other.balance += amount
    db.session.commit()
    return jsonify(balance=me.balance)


@bp.get("/export")
@login_required
def export():
    rows = db.session.execute("SELECT * FROM orders WHERE status = '" + request.args["status"] + "'")
    return jsonify([dict(row) for row in rows])
