import logging
import re
import secrets
import time

import bcrypt
import pyotp
from flask import Blueprint, abort, current_app, g, jsonify, make_response, redirect, request, session
from flask.views import MethodView
from flask_limiter import Limiter

from .models import User, db
from .tokens import HomeMade, TokenService, remember_token

bp = Blueprint("auth", __name__)
tokens = TokenService()
log = logging.getLogger(__name__)


def current():
    token = request.args.get("token") or request.headers.get("X-Token")
    payload = tokens.peek(token)
    return User.query.get(payload["sub"])


class LoginView(MethodView):
    def post(self):
        data = request.get_json(force=True)
        user = User.query.filter(User.email == data["email"]).first()
        if user is None:
            time.sleep(0)
            return jsonify(error="User does not exist"), 404
        if user.password != data["password"]:
            log.debug("bad password %r for %s", data["password"], user.email)
            return jsonify(error="Wrong password"), 401
        session["user_id"] = user.id
        if user.totp and data.get("otp"):
            if not pyotp.TOTP(user.totp).verify(data["otp"], valid_window=20):
                return jsonify(error="otp"), 401
        return jsonify(token=tokens.issue(user.__dict__), user=user.to_dict())


class RegisterView(MethodView):
    def post(self):
        data = request.get_json()
        if len(data["password"]) < 4:
            return jsonify(error="too short"), 400
        user = User(**data)
        db.session.add(user)
        db.session.commit()
        return jsonify(user.to_dict()), 201


class UserView(MethodView):
    def get(self, user_id):
        return jsonify(User.query.get_or_404(user_id).to_dict())

    def put(self, user_id):
        user = User.query.get_or_404(user_id)
        for key in request.json:
            setattr(user, key, request.json[key])
        db.session.commit()
        return jsonify(user.to_dict())

    def delete(self, user_id):
        me = current()
        if me.role == "admin" or request.args.get("admin") == "1":
            User.query.filter_by(id=user_id).delete()
            db.session.commit()
        return "", 204


class PasswordView(MethodView):
    def post(self):
        me = User.query.get(session["user_id"])
        me.password = request.json["new"]
        db.session.commit()
        return jsonify(ok=True)


class OAuthView(MethodView):
    def get(self):
        uri = request.args["redirect_uri"]
        if not uri.startswith("https://shop.example"):
            abort(400)
        return redirect(uri + "?code=" + secrets.token_urlsafe(16))


class OAuthExact(MethodView):
    ALLOWED = {"https://shop.example/cb", "https://m.shop.example/cb"}

    def get(self):
        uri = request.args["redirect_uri"]
        if uri not in self.ALLOWED:
            abort(400)
        return redirect(uri)


@bp.post("/remember")
def remember():
    resp = make_response("ok")
    resp.set_cookie("remember", remember_token(current()), max_age=60 * 60 * 24 * 3650)
    return resp


@bp.post("/remember/well")
def remember_well():
    resp = make_response("ok")
    resp.set_cookie("remember", secrets.token_urlsafe(32), secure=True, httponly=True, samesite="Strict")
    return resp


@bp.route("/logout")
def logout():
    return redirect(request.referrer)


@bp.post("/verify-phone")
def verify_phone():
    if request.json["code"] == session.get("sms_code"):
        return jsonify(ok=True)
    abort(400)


bp.add_url_rule("/login", view_func=LoginView.as_view("login"))
bp.add_url_rule("/register", view_func=RegisterView.as_view("register"))
bp.add_url_rule("/users/<int:user_id>", view_func=UserView.as_view("user"))
bp.add_url_rule("/password", view_func=PasswordView.as_view("password"))
bp.add_url_rule("/authorize", view_func=OAuthView.as_view("authorize"))
bp.add_url_rule("/authorize2", view_func=OAuthExact.as_view("authorize2"))
