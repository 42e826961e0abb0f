"""How the routes of a project are put together: prefixes, guards and what stands behind names of other files."""

import pytest

from server.analysis.budget import Budget
from server.analysis.project import Files
from server.analysis.python.file import PythonFile
from server.analysis.source import Source
from server.analysis.web.application import Application
from server.analysis.web.check import extract
from server.analysis.web.facts import Act, Sign
from server.analysis.web.names import Names
from server.analysis.web.route import Route
from server.analysis.web.routes import PythonSite

_FLASK = """
from flask import Blueprint, abort, session
from shop.guards import signed_in
orders = Blueprint('orders', __name__, url_prefix='/orders')

@orders.route('/<int:order_id>', methods=['DELETE'])
@signed_in
def remove(order_id):
    db.session.delete(Order.query.get(order_id))
    db.session.commit()
"""

_GUARDS = """
from functools import wraps
from flask import abort, session

def signed_in(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if 'user_id' not in session:
            abort(401)
        return view(*args, **kwargs)
    return inner
"""

_DJANGO = """
from django.http import JsonResponse

def order(request, pk):
    return JsonResponse({})
"""

_FASTAPI = """
from fastapi import APIRouter
router = APIRouter(prefix='/notes')

@router.get('/{note_id}')
def note(note_id: int):
    return note_id
"""


def routes(files: Files) -> list[Route]:
    parsed = [PythonFile.parse(Source.of(path, text)) for path, text in files.items()]
    facts = {file.source.path: kept for file in parsed if (kept := extract(file)) is not None}
    return PythonSite(Application(facts, Names()), Budget(seconds=30)).routes


def test_a_blueprint_lends_its_prefix_and_a_decorator_of_another_file_guards() -> None:
    [route] = routes({"shop/orders.py": _FLASK, "shop/guards.py": _GUARDS})

    assert (route.path, route.methods, route.head.start_line) == ("/orders/<int:order_id>", frozenset({"DELETE"}), 8)
    assert route.guards & Sign.WHO
    assert route.acts & Act.DELETE
    assert [fetch.what for fetch in route.fetches] == ["order"]


def test_a_blueprint_is_put_below_another_prefix() -> None:
    app = "from flask import Flask\nfrom shop.orders import orders\n"
    app += "app = Flask(__name__)\napp.register_blueprint(orders, url_prefix='/v2/orders')\n"

    [route] = routes({"shop/app.py": app, "shop/orders.py": _FLASK, "shop/guards.py": _GUARDS})

    assert route.path.startswith("/v2/orders")


def test_urls_of_django_name_the_view_and_wrap_it() -> None:
    urls = "from django.contrib.auth.decorators import login_required\nfrom django.urls import path\n"
    urls += "from . import views\nurlpatterns = [path('orders/<int:pk>/', login_required(views.order))]\n"

    [route] = routes({"shop/urls.py": urls, "shop/views.py": _DJANGO})

    assert (route.path, route.file, route.head.start_line) == ("/orders/<int:pk>/", "shop/views.py", 4)
    assert route.is_guarded


@pytest.mark.parametrize(
    ("including", "guarded"),
    [
        pytest.param("app.include_router(notes.router)", False, id="bare"),
        pytest.param("app.include_router(notes.router, dependencies=[Depends(current_user)])", True, id="guarded"),
    ],
)
def test_an_included_router_has_the_guards_of_its_inclusion(including: str, guarded: bool) -> None:
    main = f"from fastapi import Depends, FastAPI\nfrom app import notes\napp = FastAPI()\n{including}\n"

    [route] = routes({"app/main.py": main, "app/notes.py": _FASTAPI})

    assert route.path == "/notes/{note_id}"
    assert route.is_guarded is guarded


def test_a_hook_guards_every_route_of_its_application() -> None:
    app = "from flask import Flask, abort, session\napp = Flask(__name__)\n\n@app.before_request\ndef ask():\n"
    app += "    if 'user_id' not in session:\n        abort(401)\n\n@app.route('/a')\ndef a():\n    return 'a'\n"

    [route] = routes({"app.py": app})

    assert route.is_guarded


def test_a_type_may_hide_a_dependency() -> None:
    auth = "from typing import Annotated\nfrom fastapi import Depends, HTTPException\n\n"
    auth += "def signed_in(token: str):\n    if decode_token(token) is None:\n        raise HTTPException(401)\n\n"
    auth += "Me = Annotated[dict, Depends(signed_in)]\n"
    api = "from fastapi import FastAPI\nfrom auth import Me\napi = FastAPI()\n\n@api.get('/me')\ndef me(me: Me):\n"

    [route] = routes({"auth.py": auth, "api.py": api + "    return me\n"})

    assert route.is_guarded
