import ssl
import urllib.request

from flask import Blueprint, make_response, redirect, render_template, request, session
from markupsafe import Markup, escape

from inventory import db

web = Blueprint("web", __name__)


@web.route("/")
def home():
    return render_template("home.html", items=db.Query("items").all(), greeting=Markup("Hello <b>{}</b>").format(request.args.get("name", "")))


@web.route("/tag/<tag>")
def tag(tag):
    title = Markup("<h1>" + tag + "</h1>")
    return render_template("tag.html", title=title)


@web.route("/search")
def search():
    html = "<p>No items like {q}</p>".format(q=request.values.get("q"))
    response = make_response(html)
    response.headers["X-Search"] = "1"
    return response


@web.route("/search/escaped")
def search_escaped():
    return "<p>No items like %s</p>" % escape(request.values.get("q", ""))


@web.route("/supplier")
def supplier():
    context = ssl._create_unverified_context()
    page = urllib.request.urlopen("https://" + request.args["host"] + "/catalog.json", context=context)
    return page.read()


@web.route("/basket/<int:item>", methods=["POST"])
def basket(item):
    session.setdefault("basket", []).append(item)
    return redirect(request.form.get("return_to", "/"))
