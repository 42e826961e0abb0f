import mimetypes
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request, send_from_directory

from fleet.security import signed_in

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/photo/<name>")
@signed_in
def photo(name):
    return send_from_directory(current_app.config["FILES"], name)


@blueprint.get("/manual")
@signed_in
def manual():
    language = request.args.get("language", "en")
    path = Path(current_app.root_path, "manuals", language + ".md")
    if not path.is_file():
        abort(404)
    return Response(path.read_text(), mimetype="text/plain")


@blueprint.get("/help/<topic>")
@signed_in
def help_page(topic):
    pages = {path.stem: path for path in Path(current_app.root_path, "help").glob("*.md")}
    if topic not in pages:
        abort(404)
    return Response(pages[topic].read_text(), mimetype="text/plain")
