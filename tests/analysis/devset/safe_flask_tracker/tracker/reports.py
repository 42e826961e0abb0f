import csv
import io
import subprocess
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request, send_from_directory
from flask_login import current_user, login_required
from sqlalchemy import func, select, text
from werkzeug.utils import safe_join

from . import db
from .models import Entry, Project

reports = Blueprint("reports", __name__, url_prefix="/reports")
FORMATS = frozenset({"pdf", "svg"})


@reports.get("/summary")
@login_required
def summary():
    rows = db.session.execute(
        select(Project.name, func.sum(Entry.minutes))
        .join(Entry, Entry.project_id == Project.id)
        .where(Entry.user_id == current_user.id)
        .group_by(Project.name)
    ).all()
    return render_template("summary.html", rows=rows)


@reports.get("/by-day")
@login_required
def by_day():
    statement = text("SELECT date(created_at) AS day, sum(minutes) AS minutes FROM entry WHERE user_id = :user GROUP BY 1")
    return {"days": [dict(row) for row in db.session.execute(statement, {"user": current_user.id}).mappings()]}


@reports.get("/entries.csv")
@login_required
def as_csv():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["day", "minutes", "note"])
    for entry in db.session.scalars(select(Entry).where(Entry.user_id == current_user.id)):
        note = "'" + entry.note if entry.note.startswith(("=", "+", "-", "@")) else entry.note
        writer.writerow([entry.created_at.date().isoformat(), entry.minutes, note])
    return Response(out.getvalue(), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=entries.csv"})


@reports.get("/chart.<kind>")
@login_required
def chart(kind: str):
    if kind not in FORMATS:
        abort(404)
    done = subprocess.run(
        ["/usr/bin/dot", f"-T{kind}"], input=b"digraph {}", capture_output=True, check=True, timeout=10
    )
    return Response(done.stdout, mimetype="image/svg+xml" if kind == "svg" else "application/pdf")


@reports.get("/stored/<path:name>")
@login_required
def stored(name: str):
    folder = Path(current_app.instance_path) / "reports" / str(current_user.id)
    return send_from_directory(folder, name)


@reports.get("/text")
@login_required
def as_text():
    base = str(Path(current_app.instance_path) / "reports" / str(current_user.id))
    path = safe_join(base, request.args.get("name", ""))
    if path is None:
        abort(404)
    with open(path, encoding="utf-8") as file:
        return Response(file.read(), mimetype="text/plain")
