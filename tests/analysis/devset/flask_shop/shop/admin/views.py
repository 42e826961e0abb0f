import csv
import io
import os

import requests
from flask import Blueprint, abort, jsonify, redirect, render_template, request, send_from_directory, url_for
from flask_login import current_user, login_required
from lxml import etree

from ..extensions import db
from ..models import Order, Product, User

admin_bp = Blueprint("admin", __name__)

EXPORTS = os.path.join(os.getcwd(), "exports")


def require_admin():
    if not current_user.is_authenticated or not current_user.is_admin:
        abort(403)


@admin_bp.route("/")
@login_required
def dashboard():
    require_admin()
    return render_template("admin/dashboard.html", orders=Order.query.count(), users=User.query.count())


@admin_bp.route("/users/<int:user_id>/promote", methods=["POST"])
@login_required
def promote(user_id):
    user = User.query.get_or_404(user_id)
    user.is_admin = True
    db.session.commit()
    return redirect(url_for("admin.dashboard"))


@admin_bp.route("/import", methods=["POST"])
@login_required
def import_catalog():
    require_admin()
    parser = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
    tree = etree.fromstring(request.files["catalog"].read(), parser)
    for node in tree.findall("product"):
        db.session.add(Product(name=node.findtext("name"), price_cents=int(node.findtext("price"))))
    db.session.commit()
    return redirect(url_for("admin.dashboard"))


@admin_bp.route("/fetch-image", methods=["POST"])
@login_required
def fetch_image():
    require_admin()
    url = request.form["url"]
    data = requests.get(url, timeout=5).content
    name = os.path.basename(url)
    with open(os.path.join(EXPORTS, name), "wb") as out:
        out.write(data)
    return jsonify(saved=name)


@admin_bp.route("/export/<name>")
@login_required
def export(name):
    require_admin()
    return send_from_directory(EXPORTS, name)


@admin_bp.route("/orders.csv")
@login_required
def orders_csv():
    require_admin()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "email", "total"])
    for order in Order.query.all():
        writer.writerow([order.id, order.user.email, order.total_cents])
    return out.getvalue(), 200, {"Content-Type": "text/csv"}
