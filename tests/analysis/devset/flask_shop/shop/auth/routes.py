from urllib.parse import urlparse

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required, login_user, logout_user
from flask_mail import Message

from ..extensions import db, mail
from ..models import User
from ..tokens import reset_token, verify_reset_token

auth_bp = Blueprint("auth", __name__)


def is_safe_url(target):
    parts = urlparse(target)
    return not parts.netloc and not parts.scheme and target.startswith("/") and not target.startswith("//")


@auth_bp.route("/login", methods=["GET", "POST"])
def login():
    if current_user.is_authenticated:
        return redirect(url_for("catalog.index"))
    if request.method == "POST":
        user = User.query.filter_by(email=request.form["email"]).first()
        if user is None or not user.check_password(request.form["password"]):
            flash("Wrong e-mail address or password")
            return redirect(url_for("auth.login"))
        login_user(user)
        target = request.args.get("next", "")
        if not is_safe_url(target):
            target = url_for("catalog.index")
        return redirect(target)
    return render_template("auth/login.html")


@auth_bp.route("/logout")
@login_required
def logout():
    logout_user()
    return redirect(request.referrer or "/")


@auth_bp.route("/register", methods=["POST"])
def register():
    user = User(email=request.form["email"])
    user.set_password(request.form["password"])
    db.session.add(user)
    db.session.commit()
    login_user(user)
    return redirect(url_for("catalog.index"))


@auth_bp.route("/profile", methods=["POST"])
@login_required
def update_profile():
    for key, value in request.form.items():
        setattr(current_user, key, value)
    db.session.commit()
    flash("Saved")
    return redirect(url_for("auth.profile"))


@auth_bp.route("/profile")
@login_required
def profile():
    return render_template("auth/profile.html", user=current_user)


@auth_bp.route("/reset", methods=["POST"])
def request_reset():
    email = request.form["email"]
    user = User.query.filter_by(email=email).first()
    if user is None:
        flash("We have no account with this address")
        return redirect(url_for("auth.login")), 404
    token = reset_token(user.id)
    link = "http://" + request.headers["Host"] + url_for("auth.reset", token=token)
    mail.send(Message("Your new password", recipients=[email], body="Follow " + link))
    current_app.logger.info("reset link for %s: %s", email, link)
    return redirect(url_for("auth.login"))


@auth_bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token):
    user_id = verify_reset_token(token)
    if user_id is None:
        flash("The link is no longer valid")
        return redirect(url_for("auth.login"))
    user = User.query.get_or_404(user_id)
    if request.method == "POST":
        user.set_password(request.form["password"])
        db.session.commit()
        session.clear()
        return redirect(url_for("auth.login"))
    return render_template("auth/reset.html", token=token)
