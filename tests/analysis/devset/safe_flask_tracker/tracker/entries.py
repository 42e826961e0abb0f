from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from . import db
from .models import Entry, Project

entries = Blueprint("entries", __name__)
SORTS = {"new": Entry.created_at.desc(), "long": Entry.minutes.desc()}


class EntryForm(FlaskForm):
    minutes = IntegerField(validators=[DataRequired(), NumberRange(1, 24 * 60)])
    note = StringField(validators=[Length(max=500)])


def own_project(project_id: int) -> Project:
    project = db.session.get(Project, project_id)
    if project is None or project.owner_id != current_user.id:
        abort(404)
    return project


@entries.get("/")
@login_required
def index():
    sort = SORTS.get(request.args.get("sort", "new"), SORTS["new"])
    mine = db.session.scalars(select(Entry).where(Entry.user_id == current_user.id).order_by(sort).limit(100))
    return render_template("index.html", entries=mine, q=request.args.get("q", ""))


@entries.route("/projects/<int:project_id>/entries", methods=["GET", "POST"])
@login_required
def add(project_id: int):
    project = own_project(project_id)
    form = EntryForm()
    if form.validate_on_submit():
        entry = Entry(project_id=project.id, user_id=current_user.id, minutes=form.minutes.data, note=form.note.data)
        db.session.add(entry)
        db.session.commit()
        return redirect(url_for("entries.index"))
    return render_template("entry.html", form=form, project=project)


@entries.post("/entries/<int:entry_id>/delete")
@login_required
def delete(entry_id: int):
    entry = db.session.scalar(select(Entry).where(Entry.id == entry_id, Entry.user_id == current_user.id))
    if entry is None:
        abort(404)
    db.session.delete(entry)
    db.session.commit()
    return redirect(url_for("entries.index"))
