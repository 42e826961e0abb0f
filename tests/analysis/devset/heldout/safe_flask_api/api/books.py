import uuid
from pathlib import Path

import requests
from flask import Blueprint, abort, current_app, jsonify, request, send_from_directory
from flask_jwt_extended import get_jwt_identity, jwt_required
from PIL import Image, UnidentifiedImageError
from sqlalchemy import select

from .extensions import db
from .models import Book

books = Blueprint("books", __name__)
LOOKUP = "https://books.example.org/isbn/{isbn}"
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg"}


def own_book(book_id: int) -> Book:
    book = db.session.scalar(select(Book).where(Book.id == book_id, Book.owner_id == int(get_jwt_identity())))
    if book is None:
        abort(404)
    return book


@books.get("/")
@jwt_required()
def index():
    page = request.args.get("page", 1, type=int)
    mine = select(Book).where(Book.owner_id == int(get_jwt_identity())).order_by(Book.title)
    return jsonify([book.to_dict() for book in db.paginate(mine, page=page, max_per_page=50)])


@books.get("/<int:book_id>")
@jwt_required()
def show(book_id):
    return jsonify(own_book(book_id).to_dict())


@books.delete("/<int:book_id>")
@jwt_required()
def remove(book_id):
    db.session.delete(own_book(book_id))
    db.session.commit()
    return "", 204


@books.post("/<int:book_id>/cover")
@jwt_required()
def cover(book_id):
    book = own_book(book_id)
    try:
        image = Image.open(request.files["cover"].stream)
        suffix = SUFFIXES[image.format]
    except (UnidentifiedImageError, KeyError):
        abort(415)
    book.cover = f"{uuid.uuid4().hex}{suffix}"
    image.save(Path(current_app.instance_path) / "covers" / book.cover)
    db.session.commit()
    return jsonify(book.to_dict())


@books.get("/<int:book_id>/cover")
@jwt_required()
def show_cover(book_id):
    return send_from_directory(Path(current_app.instance_path) / "covers", own_book(book_id).cover)


@books.get("/lookup/<int:isbn>")
@jwt_required()
def lookup(isbn):
    reply = requests.get(LOOKUP.format(isbn=isbn), timeout=5)
    reply.raise_for_status()
    return jsonify(title=reply.json()["title"])
