import logging
import pickle
from base64 import b64decode, b64encode

import requests
from flask import Blueprint, abort, current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from ..extensions import db
from ..models import Coupon, Order, OrderItem, Product

checkout_bp = Blueprint("checkout", __name__)
log = logging.getLogger(__name__)


def load_cart():
    raw = request.cookies.get("cart")
    if not raw:
        return {}
    return pickle.loads(b64decode(raw))


@checkout_bp.route("/cart/add/<int:product_id>", methods=["POST"])
def add(product_id):
    cart = load_cart()
    cart[product_id] = cart.get(product_id, 0) + 1
    response = make_response(redirect(url_for("catalog.index")))
    response.set_cookie("cart", b64encode(pickle.dumps(cart)).decode())
    return response


@checkout_bp.route("/order", methods=["POST"])
@login_required
def place_order():
    cart = load_cart()
    total = 0
    order = Order(user_id=current_user.id, address=request.form["address"])
    for product_id, quantity in cart.items():
        item = Product.query.get_or_404(product_id)
        total += item.price_cents * quantity
        order.items.append(OrderItem(product_id=item.id, quantity=quantity))
    code = request.form.get("coupon")
    if code:
        coupon = Coupon.query.filter_by(code=code).first()
        if coupon and not coupon.used:
            total = total * (100 - coupon.percent) // 100
            coupon.used = True
    order.total_cents = total
    db.session.add(order)
    db.session.commit()
    reply = requests.post(
        current_app.config["PAYMENT_URL"],
        json={"order": order.id, "amount": total, "card": request.form["card"]},
        verify=False,
        timeout=10,
    )
    log.debug("charged card %s: %s", request.form["card"], reply.status_code)
    if not reply.ok:
        return jsonify(error="payment failed"), 502
    return redirect(url_for("checkout.order", order_id=order.id))


@checkout_bp.route("/orders")
@login_required
def orders():
    mine = Order.query.filter_by(user_id=current_user.id).order_by(Order.created_at.desc()).all()
    return render_template("checkout/orders.html", orders=mine)


@checkout_bp.route("/orders/<int:order_id>")
@login_required
def order(order_id):
    order = Order.query.get_or_404(order_id)
    return render_template("checkout/order.html", order=order)


@checkout_bp.route("/orders/<int:order_id>/cancel", methods=["POST"])
@login_required
def cancel(order_id):
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    db.session.delete(order)
    db.session.commit()
    flash("Cancelled")
    return redirect(url_for("checkout.orders"))


@checkout_bp.route("/orders/<int:order_id>/invoice")
@login_required
def invoice(order_id):
    order = Order.query.get_or_404(order_id)
    if order.user_id != current_user.id and not current_user.is_admin:
        abort(403)
    return render_template("checkout/invoice.html", order=order)
