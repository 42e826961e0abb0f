import datetime
import traceback
from functools import wraps

import jwt
from flask import Blueprint, current_app, jsonify, request

from social import db
from social.models import Post, User

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.after_request
def cors(response):
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.errorhandler(Exception)
def error(e):
    return jsonify({"error": str(e), "traceback": traceback.format_exc()}), 500


def token_required(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        token = request.args.get("token") or request.headers.get("X-Token")
        try:
            claims = jwt.decode(token, current_app.config["JWT_KEY"], algorithms=["HS256"], options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return jsonify(error="token"), 401
        return f(claims, *args, **kwargs)

    return wrapper


@bp.post("/token")
def token():
    data = request.get_json()
    user = User.query.filter_by(username=data["username"]).first()
    if user and user.check_password(data["password"]):
        claims = {"id": user.id, "exp": datetime.datetime.utcnow() + datetime.timedelta(hours=2)}
        return jsonify(token=jwt.encode(claims, current_app.config["JWT_KEY"], algorithm="HS256"))
    return jsonify(error="bad credentials"), 401


@bp.get("/users")
def users():
    return jsonify([{"id": u.id, "email": u.email, "password": u.password} for u in User.query.all()])


@bp.get("/posts")
@token_required
def posts(claims):
    mine = Post.query.filter_by(author_id=claims["id"]).all()
    return jsonify([post.text for post in mine])
