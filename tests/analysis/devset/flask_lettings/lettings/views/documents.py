import os
import shutil
import zipfile
from pathlib import Path

from flask import Blueprint, abort, current_app, g, redirect, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

from ..guards import person_required
from ..passwords import photo_name

bp = Blueprint("documents", __name__, url_prefix="/documents")


def folder(*parts):
    return os.path.join(current_app.config["UPLOADS"], *parts)


@bp.post("/")
@person_required
def upload():
    sent = request.files["file"]
    os.makedirs(folder(str(g.person["id"])), exist_ok=True)
    target = folder(str(g.person["id"]), sent.filename)
    sent.save(target)
    os.chmod(target, 0o777)
    return redirect(request.url)


@bp.post("/photo")
@person_required
def photo():
    sent = request.files["photo"]
    suffix = Path(secure_filename(sent.filename)).suffix.lower()
    if suffix not in {".png", ".jpg"}:
        abort(400)
    sent.save(folder(photo_name(suffix)))
    return "", 204


@bp.post("/archive")
@person_required
def archive():
    with zipfile.ZipFile(request.files["zip"].stream) as bundle:
        for entry in bundle.infolist():
            with bundle.open(entry) as source, open(folder(entry.filename), "wb") as target:
                shutil.copyfileobj(source, target)
    return "", 204


@bp.get("/<path:name>")
def fetch(name):
    return send_from_directory(current_app.config["UPLOADS"], name)


@bp.get("/contract")
@person_required
def contract():
    return send_file(folder("contracts", request.args["name"] + ".pdf"))


@bp.get("/preview")
@person_required
def preview():
    base = Path(current_app.config["UPLOADS"]).resolve()
    wanted = (base / request.args["name"]).resolve()
    if not wanted.is_relative_to(base):
        abort(404)
    return send_file(wanted)
