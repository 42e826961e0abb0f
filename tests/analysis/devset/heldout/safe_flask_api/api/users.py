import secrets

from flask import Blueprint, jsonify, request
from flask_jwt_extended import create_access_token, get_jwt_identity, jwt_required
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db, limiter
from .models import User

users = Blueprint("users", __name__)
_NOBODY = generate_password_hash(secrets.token_hex())


class Credentials(Schema):
    name = fields.Str(required=True, validate=validate.Length(3, 80))
    password = fields.Str(required=True, validate=validate.Length(12, 128), load_only=True)


@users.post("/login")
@limiter.limit("5/minute")
def login():
    try:
        body = Credentials().load(request.get_json())
    except ValidationError:
        return jsonify(error="bad input"), 400
    user = User.query.filter_by(name=body["name"]).one_or_none()
    if not check_password_hash(user.password_hash if user else _NOBODY, body["password"]) or user is None:
        return jsonify(error="wrong name or password"), 401
    return jsonify(token=create_access_token(identity=str(user.id)))


@users.post("/")
@limiter.limit("3/minute")
def register():
    body = Credentials().load(request.get_json())
    db.session.add(User(name=body["name"], password_hash=generate_password_hash(body["password"])))
    db.session.commit()
    return "", 201


@users.get("/me")
@jwt_required()
def me():
    user = db.get_or_404(User, int(get_jwt_identity()))
    return jsonify(id=user.id, name=user.name)


@users.put("/me/password")
@jwt_required()
def change_password():
    user = db.get_or_404(User, int(get_jwt_identity()))
    body = request.get_json()
    if not check_password_hash(user.password_hash, body.get("old", "")):
        return jsonify(error="the old password is wrong"), 403
    if len(body.get("new", "")) < 12:
        return jsonify(error="too short"), 400
    user.password_hash = generate_password_hash(body["new"])
    db.session.commit()
    return "", 204
