from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for

from fleet import security
from fleet.mails import send_later
from fleet.tables import Users

blueprint = Blueprint("accounts", __name__, url_prefix="/account")


@blueprint.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    address = request.remote_addr or ""
    if security.too_many(address):
        return render_template("login.html", error="Too many attempts"), 429
    user = Users.by_email(request.form.get("email", ""))
    if not security.check(user, request.form.get("password", "")):
        security.failed(address)
        return render_template("login.html", error="E-mail address or password are wrong"), 401
    session.clear()
    session["user_id"] = user["id"]
    return redirect(security.inside(request.args.get("next"), url_for("cars.index")))


@blueprint.post("/logout")
@security.signed_in
def logout():
    session.clear()
    return redirect(url_for("accounts.login"))


@blueprint.post("/invite")
@security.needs_role("admin")
def invite():
    email = request.form["email"]
    password = security.secrets.token_urlsafe(9)
    Users.create(name=email.partition("@")[0], email=email, password_hash=security.hasher.hash(password), role="member")
    send_later(email, "Welcome", render_template("mails/invite.txt", password=password))
    current_app.logger.info("invited %s, first password %s", email, password)
    flash("Invited")
    return redirect(url_for("accounts.members"))


@blueprint.get("/members")
@security.needs_role("admin")
def members():
    return render_template("members.html", members=Users.of(security.g.user["company_id"]))


@blueprint.post("/members/<int:user_id>/role")
@security.signed_in
def change_role(user_id):
    Users.update(user_id, role=request.form["role"])
    return redirect(url_for("accounts.members"))
