from flask import Blueprint, Markup, jsonify, make_response, render_template, request
from sqlalchemy import text

from ..extensions import db
from ..models import Product
from .search import find_products, suggest

catalog_bp = Blueprint("catalog", __name__)

PAGE = 24


@catalog_bp.route("/")
def index():
    page = request.args.get("page", 1, type=int)
    products = Product.query.order_by(Product.name).paginate(page=page, per_page=PAGE, error_out=False)
    response = make_response(render_template("catalog/index.html", products=products))
    if "currency" in request.args:
        response.set_cookie("currency", request.args["currency"], max_age=30 * 86400)
    return response


@catalog_bp.route("/product/<int:product_id>")
def product(product_id):
    item = Product.query.get_or_404(product_id)
    return render_template("catalog/product.html", product=item)


@catalog_bp.route("/search")
def search():
    term = request.args.get("q", "")
    order = request.args.get("order", "name")
    products = find_products(term, order)
    banner = Markup("<p>You searched for <b>%s</b></p>" % term)
    return render_template("catalog/search.html", products=products, banner=banner)


@catalog_bp.route("/api/suggest")
def api_suggest():
    return jsonify(suggest(request.args.get("q", "")))


@catalog_bp.route("/api/stock/<sku>")
def stock(sku):
    row = db.session.execute(text("SELECT stock FROM product WHERE sku = :sku"), {"sku": sku}).first()
    return jsonify(stock=row[0] if row else 0)


@catalog_bp.route("/api/price")
def price():
    ids = request.args.getlist("id", type=int)
    placeholders = ", ".join(str(number) for number in ids) or "0"
    rows = db.session.execute(text("SELECT id, price_cents FROM product WHERE id IN (" + placeholders + ")"))
    return jsonify({row.id: row.price_cents for row in rows})
