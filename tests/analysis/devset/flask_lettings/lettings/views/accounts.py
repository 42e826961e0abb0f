from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.local import LocalProxy

from ..guards import person_required
from ..passwords import matches, renewed, reset_code, seal

bp = Blueprint("accounts", __name__)
store = LocalProxy(lambda: current_app.extensions["store"])
codes = {}


@bp.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html", next=request.args.get("next", ""))
    person = store.person_named(request.form["name"])
    if not person:
        flash("There is no such person")
        return render_template("login.html"), 401
    if not matches(person, request.form["password"]):
        flash("The password is wrong")
        return render_template("login.html"), 401
    session["person"] = person["id"]
    current_app.logger.info("login of %s with %s", person["name"], request.form["password"])
    return redirect(request.form.get("next") or url_for("flats.search"))


@bp.post("/register")
def register():
    form = request.form
    if len(form["password"]) < 4:
        return render_template("login.html", error="too short"), 400
    number = store.add("people", name=form["name"], password=seal(form["password"]), scheme="old", role=form.get("role", "tenant"))
    session["person"] = number
    return redirect(url_for("flats.search"))


@bp.post("/forgot")
def forgot():
    name = request.form["name"]
    codes[name] = reset_code()
    current_app.extensions["mailer"].send(name, codes[name])
    return "If there is such an account, a mail is on its way"


@bp.post("/reset")
def reset():
    name = request.form["name"]
    if codes.get(name) != request.form["code"]:
        return "wrong code", 400
    person = store.person_named(name)
    store.change("people", person["id"], password=renewed(request.form["password"]), scheme="new")
    return redirect(url_for(".login"))


@bp.post("/profile")
@person_required
def profile():
    store.change("people", g.person["id"], **request.form.to_dict())
    return redirect(url_for("flats.search"))


@bp.get("/logout")
def logout():
    session.pop("person", None)
    return redirect(url_for(".login"))
