"""What programs keep on the object of which there is one: the application, its state, the request's context."""

from server.analysis.flow.models import Calls, Model, Returns, Shared, Subtype
from server.analysis.flow.words import of_each, under

_FLASK = ("flask.Flask", "flask.current_app", "quart.Quart", "quart.current_app", "apiflask.APIFlask")
_STARLETTE = (
    *("starlette.applications.Starlette", "fastapi.FastAPI", "fastapi.applications.FastAPI"),
    *("litestar.Litestar", "litestar.app.Litestar"),
)
_REQUESTS = (
    *("starlette.requests.Request", "starlette.websockets.WebSocket", "fastapi.Request", "fastapi.WebSocket"),
    *("litestar.Request", "litestar.WebSocket", "starlette.requests.HTTPConnection"),
)

MODELS: tuple[Model, ...] = (
    Calls(("werkzeug.local.LocalProxy", "django.utils.functional.SimpleLazyObject", "functools.cache"), arg=0),
    Shared(_FLASK, parameters=("app", "application"), imports=("flask", "quart")),
    Shared(of_each(_FLASK, "extensions")),
    Shared(of_each(_FLASK, "config")),
    Shared(("flask.g", "quart.g", "flask.globals.g")),
    Shared(_STARLETTE, parameters=("app", "application"), imports=("fastapi", "starlette", "litestar")),
    Returns(of_each(_REQUESTS, "app"), "fastapi.FastAPI"),
    Shared((*of_each(_STARLETTE, "state"), "litestar.datastructures.State")),
    Shared(of_each(_REQUESTS, "state")),
    Shared(("aiohttp.web.Application",), parameters=("app", "application"), imports=("aiohttp",)),
    Subtype("aiohttp.web_app.Application", "aiohttp.web.Application"),
    Returns(under("aiohttp.web.Request", "app config_dict"), "aiohttp.web.Application"),
    Shared(("sanic.Sanic",), parameters=("app", "application"), imports=("sanic",)),
    Subtype("sanic.app.Sanic", "sanic.Sanic"),
    Returns(("sanic.request.Request.app", "sanic.Sanic.get_app"), "sanic.Sanic"),
    Shared(("sanic.Sanic.ctx", "sanic.Blueprint.ctx")),
    Shared(("sanic.request.Request.ctx",)),
    Shared(("tornado.web.Application",), parameters=("app", "application"), imports=("tornado",)),
    Returns(("tornado.web.RequestHandler.application",), "tornado.web.Application"),
    Shared(("bottle.Bottle",)),
    Returns(("bottle.LocalRequest.app", "bottle.default_app", "bottle.app"), "bottle.Bottle"),
    Shared(("pyramid.registry.Registry", "pyramid.request.Request.registry", "pyramid.config.Configurator.registry")),
)
