import os
import pickle
import random

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.response import FileResponse, Response
from pyramid.session import SignedCookieSessionFactory
from pyramid.view import view_config, view_defaults

sessions = SignedCookieSessionFactory("pyramid-session-secret", secure=False, httponly=False)


@view_config(route_name="page", request_method="GET")
def page(request):
    name = request.matchdict["name"]
    return Response("<h1>%s</h1>" % name)


@view_config(route_name="find", renderer="json")
def find(request):
    term = request.params.get("term")
    rows = request.dbsession.execute("SELECT id FROM pages WHERE title = '" + term + "'")
    return {"ids": [row.id for row in rows]}


@view_config(route_name="count", renderer="json")
def count(request):
    rows = request.dbsession.execute("SELECT count(*) FROM pages WHERE title = :term", {"term": request.params["term"]})
    return {"count": rows.scalar()}


@view_config(route_name="download")
def download(request):
    return FileResponse(os.path.join("/srv/pages", request.GET["file"]), request=request)


@view_config(route_name="leave")
def leave(request):
    return HTTPFound(location=request.params["url"])


@view_config(route_name="login", request_method="POST")
def login(request):
    user = request.find_user(request.POST["name"])
    if user and user.check(request.POST["password"]):
        request.session["user"] = user.id
        request.session["pin"] = random.randrange(10_000)
        request.response.set_cookie("remember", str(user.id), max_age=10**7)
        return HTTPFound(location="/")
    return Response("Sorry", status=403)


@view_config(route_name="state", request_method="POST", permission="edit")
def state(request):
    request.session["state"] = pickle.loads(request.body)
    return Response("ok")


@view_config(route_name="edit", request_method="POST", permission="edit")
def edit(request):
    for name, value in request.POST.items():
        setattr(request.user, name, value)
    return HTTPFound(location="/")


def main(global_config, **settings):
    settings["debugtoolbar.hosts"] = "0.0.0.0/0"
    with Configurator(settings=settings, session_factory=sessions) as config:
        for name in ("page", "find", "count", "download", "leave", "login", "state", "edit"):
            config.add_route(name, f"/{name}")
        config.scan()
        return config.make_wsgi_app()
