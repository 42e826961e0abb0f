import os
import subprocess

import requests
from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, render_template_string, request, send_file

from social import db
from social.auth import login_required
from social.models import User

bp = Blueprint("profile", __name__, url_prefix="/profile")
ALLOWED = {"png", "jpg", "gif"}


@bp.route("/<username>")
def view(username):
    user = User.query.filter_by(username=username).first()
    if user is None:
        return render_template_string("<h1>%s was not found</h1>" % username), 404
    return render_template("profile.html", user=user)


@bp.route("/edit", methods=["POST"])
@login_required
def edit():
    user = User.query.get(request.form.get("id", g.user.id))
    for field in request.form:
        if hasattr(user, field):
            setattr(user, field, request.form[field])
    db.session.commit()
    return redirect("/profile/" + user.username)


@bp.route("/password", methods=["POST"])
@login_required
def password():
    g.user.set_password(request.form["new"])
    db.session.commit()
    flash("Changed")
    return redirect("/")


@bp.route("/avatar", methods=["POST"])
@login_required
def avatar():
    file = request.files["avatar"]
    path = os.path.join(current_app.config["UPLOAD_FOLDER"], file.filename)
    file.save(path)
    subprocess.call("convert %s -resize 128x128 %s" % (path, path), shell=True)
    return redirect("/profile/" + g.user.username)


@bp.route("/avatar/url", methods=["POST"])
@login_required
def avatar_url():
    image = requests.get(request.form["url"], timeout=10)
    with open(os.path.join(current_app.config["UPLOAD_FOLDER"], "%d.png" % g.user.id), "wb") as out:
        out.write(image.content)
    return redirect("/profile/" + g.user.username)


@bp.route("/download")
def download():
    filename = request.args.get("file")
    return send_file(os.path.join(current_app.config["UPLOAD_FOLDER"], filename))


@bp.route("/admin")
@login_required
def admin():
    if not g.user.admin:
        abort(403)
    return render_template("admin.html", users=User.query.all())


@bp.route("/admin/promote/<int:user_id>", methods=["POST"])
@login_required
def promote(user_id):
    user = User.query.get_or_404(user_id)
    user.admin = True
    db.session.commit()
    return redirect("/profile/admin")
