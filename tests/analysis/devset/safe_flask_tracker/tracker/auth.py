import logging
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import login_required, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Email, Length

from . import db, limiter
from .models import User

auth = Blueprint("auth", __name__)
log = logging.getLogger(__name__)


class LoginForm(FlaskForm):
    email = EmailField(validators=[DataRequired(), Email()])
    password = PasswordField(validators=[DataRequired()])


class RegisterForm(LoginForm):
    password = PasswordField(validators=[DataRequired(), Length(min=12, max=128)])


def local_target(target: str | None) -> str:
    if not target:
        return url_for("entries.index")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("entries.index")
    return target


@auth.route("/login", methods=["GET", "POST"])
@limiter.limit("5 per minute")
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = User.query.filter_by(email=form.email.data.lower()).one_or_none()
        if user is None or not user.check_password(form.password.data):
            log.info("login failed")
            flash("E-mail address or password are wrong.")
            return render_template("login.html", form=form), 401
        session.clear()
        login_user(user)
        return redirect(local_target(request.args.get("next")))
    return render_template("login.html", form=form)


@auth.route("/register", methods=["GET", "POST"])
@limiter.limit("3 per minute")
def register():
    form = RegisterForm()
    if form.validate_on_submit():
        user = User(email=form.email.data.lower())
        user.set_password(form.password.data)
        db.session.add(user)
        db.session.commit()
        return redirect(url_for("auth.login"))
    return render_template("register.html", form=form)


@auth.post("/logout")
@login_required
def logout():
    logout_user()
    return redirect(url_for("auth.login"))


@auth.post("/api-key")
@login_required
def api_key():
    key = secrets.token_urlsafe(32)
    return render_template("api_key.html", key=key)
