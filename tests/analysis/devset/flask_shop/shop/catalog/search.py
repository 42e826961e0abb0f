"""Finding products: by hand, as the ORM was too slow."""
from sqlalchemy import text

from ..extensions import db
from ..models import Product


def find_products(term, order):
    statement = "SELECT * FROM product WHERE name LIKE :term ORDER BY " + order
    return db.session.execute(text(statement), {"term": f"%{term}%"}).fetchall()


def suggest(term):
    matches = Product.query.filter(Product.name.ilike(f"%{term}%")).limit(8)
    return [match.to_dict() for match in matches]
