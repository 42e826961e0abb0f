import subprocess

from flask import Blueprint, redirect, request, url_for
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField

from . import jobs

board = Blueprint("board", __name__)


class PostForm(FlaskForm):
    back = StringField()
    printer = StringField()
    copies = IntegerField()
    paper = SelectField(choices=["a4", "a5"])


class LooseForm(FlaskForm):
    class Meta:
        csrf = False

    text = StringField()


@board.route("/print", methods=["POST"])
def printed():
    form = PostForm()
    subprocess.run(f"lpr -# {form.copies.data} -o media={form.paper.data} today.pdf", shell=True, check=True)
    if form.validate_on_submit():
        subprocess.run("lpr -P " + form.printer.data, shell=True, check=True)
    return redirect(url_for("board.printed"))


@board.route("/back", methods=["POST"])
def back():
    form = PostForm()
    return redirect(form.back.data or "/")


@board.route("/jobs", methods=["POST"])
def run():
    job = getattr(jobs, request.json["name"])
    return str(job())


@board.route("/jobs/known", methods=["POST"])
def run_known():
    name = request.json["name"]
    if name not in ("sweep", "count"):
        return "unknown", 404
    return str(getattr(jobs, name)())
