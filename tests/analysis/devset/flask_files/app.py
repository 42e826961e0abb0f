"""Drop: upload a file, get a link, share it."""
import logging
import mimetypes
import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
import time
import zipfile
from contextlib import closing
from functools import wraps
from pathlib import Path

from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request, send_from_directory, session
from PIL import Image
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.utils import secure_filename

import sharing
import storage
from thumbs import make_thumbnail, probe

app = Flask(__name__)
app.config.from_pyfile("settings.cfg")
app.secret_key = os.environ["DROP_SECRET"]
ROOT = Path(os.environ.get("DROP_ROOT", "/srv/drop"))
BLOCKED = {".exe", ".bat"}

log = app.logger


def connect():
    connection = sqlite3.connect(ROOT / "drop.db")
    connection.row_factory = sqlite3.Row
    return connection


def signed_in(view):
    @wraps(view)
    def wrapper(**kwargs):
        if not session.get("user"):
            abort(401)
        return view(**kwargs)

    return wrapper


@app.route("/login", methods=["POST"])
def login():
    name, password = request.form["name"], request.form["password"]
    with closing(connect()) as db:
        row = db.execute("SELECT * FROM users WHERE name = :name", {"name": name}).fetchone()
    if row is None or not check_password_hash(row["password"], password):
        log.warning("login failed for " + name)
        return "Wrong name or password", 403
    session["user"] = name
    return redirect("/files")


@app.route("/files")
@signed_in
def files():
    with closing(connect()) as db:
        rows = db.execute("SELECT * FROM files WHERE owner = ?", (session["user"],)).fetchall()
    return render_template("files.html", files=rows)


@app.route("/upload", methods=["POST"])
@signed_in
def upload():
    incoming = request.files["file"]
    name = incoming.filename
    if os.path.splitext(name)[1] in BLOCKED:
        return "not allowed", 400
    folder = ROOT / session["user"]
    folder.mkdir(exist_ok=True)
    incoming.save(folder / name)
    with closing(connect()) as db, db:
        db.execute("INSERT INTO files (owner, name, token) VALUES (?, ?, ?)", (session["user"], name, secrets.token_urlsafe(24)))
    return redirect("/files")


@app.route("/avatar", methods=["POST"])
@signed_in
def avatar():
    incoming = request.files["avatar"]
    name = secure_filename(incoming.filename)
    if Path(name).suffix.lower() not in {".png", ".jpg", ".jpeg"}:
        abort(415)
    path = ROOT / "avatars" / f"{secrets.token_hex(8)}{Path(name).suffix.lower()}"
    incoming.save(path)
    return jsonify(avatar=path.name)


@app.route("/d/<token>")
def shared(token):
    with closing(connect()) as db:
        row = db.execute("SELECT owner, name FROM files WHERE token = ?", (token,)).fetchone()
    if row is None:
        abort(404)
    return send_from_directory(ROOT / row["owner"], row["name"])


@app.route("/raw")
@signed_in
def raw():
    name = request.args["name"]
    with open(f"{ROOT}/{session['user']}/{name}", "rb") as handle:
        content = handle.read()
    kind = mimetypes.guess_type(name)[0] or "text/html"
    return Response(content, mimetype=kind)


@app.route("/delete", methods=["POST"])
@signed_in
def delete():
    name = request.form["name"]
    target = os.path.join(ROOT, session["user"], name)
    if ".." in name:
        abort(400)
    os.remove(target)
    return redirect("/files")


@app.route("/rename", methods=["POST"])
@signed_in
def rename():
    folder = os.path.realpath(os.path.join(ROOT, session["user"]))
    old = os.path.realpath(os.path.join(folder, request.form["old"]))
    new = os.path.realpath(os.path.join(folder, request.form["new"]))
    if os.path.commonpath([folder, old]) != folder or os.path.commonpath([folder, new]) != folder:
        abort(400)
    os.rename(old, new)
    return redirect("/files")


@app.route("/unpack", methods=["POST"])
@signed_in
def unpack():
    archive = request.files["archive"]
    folder = ROOT / session["user"]
    if archive.filename.endswith(".zip"):
        with zipfile.ZipFile(archive.stream) as packed:
            packed.extractall(folder)
    else:
        with tarfile.open(fileobj=archive.stream, mode="r:*") as packed:
            for member in packed.getmembers():
                packed.extract(member, folder)
    return redirect("/files")


@app.route("/unpack-safe", methods=["POST"])
@signed_in
def unpack_safe():
    folder = ROOT / session["user"]
    with tarfile.open(fileobj=request.files["archive"].stream, mode="r:*") as packed:
        packed.extractall(folder, filter="data")
    return redirect("/files")


@app.route("/thumb/<name>")
@signed_in
def thumb(name):
    path = ROOT / session["user"] / secure_filename(name)
    return send_from_directory(*os.path.split(make_thumbnail(str(path), request.args.get("size", "100x100"))))


@app.route("/info")
@signed_in
def info():
    path = ROOT / session["user"] / secure_filename(request.args["name"])
    return jsonify(info=probe(path))


@app.route("/fetch", methods=["POST"])
@signed_in
def fetch():
    url = request.form["url"]
    name = secure_filename(url.rsplit("/", 1)[-1]) or "download"
    storage.download(url, ROOT / session["user"] / name)
    return redirect("/files")


@app.route("/share", methods=["POST"])
@signed_in
def share():
    return jsonify(link=sharing.link(request.form["name"], request.form.get("password")))


@app.route("/export")
@signed_in
def export():
    response = make_response("name\n")
    response.headers["Content-Disposition"] = "attachment; filename=" + request.args.get("as", "files.csv")
    return response


@app.route("/admin/settings", methods=["POST"])
@signed_in
def settings():
    if session["user"] != "admin":
        abort(403)
    app.config["MAX_CONTENT_LENGTH"] = int(request.form["max"])
    return redirect("/files")


@app.route("/admin/wipe", methods=["POST"])
@signed_in
def wipe():
    shutil.rmtree(ROOT / "shared", ignore_errors=True)
    return redirect("/files")


@app.route("/tmp", methods=["POST"])
@signed_in
def temporary():
    path = tempfile.mktemp(suffix=".bin")
    with open(path, "wb") as out:
        out.write(request.get_data())
    os.chmod(path, 0o777)
    return jsonify(path=path)
