import logging
import os

import falcon
import falcon.asgi

from . import items, labels, people, vendor
from .config import Config
from .db import Database
from .middleware import Accounts, Tracing


def make(config=None):
    config = config or Config.from_env()
    database = Database(config.dsn)
    app = falcon.App(middleware=[Tracing(), Accounts(config)], cors_enable=True)
    app.req_options.auto_parse_form_urlencoded = True
    app.add_route("/items", items.Items(database))
    app.add_route("/items/{number}", items.Item(database))
    app.add_route("/items/{number}/history", items.History(database))
    app.add_route("/labels/{name}", labels.Labels(config.labels))
    app.add_route("/labels", labels.Labels(config.labels), suffix="all")
    app.add_route("/login", people.Login(database, config))
    app.add_route("/people", people.People(database))
    app.add_route("/people/{name}/role", people.Role(database))
    app.add_route("/vendor/price", vendor.Price(config))
    app.add_route("/vendor/hook", vendor.Hook(database, config))
    app.add_error_handler(Exception, explain)
    return app


def explain(req, resp, error, params):
    if isinstance(error, falcon.HTTPError):
        raise error
    logging.getLogger("depot").error("failed", exc_info=error)
    resp.status = falcon.HTTP_500
    resp.media = {"message": f"{error!r}", "path": req.path}


if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    with make_server("", int(os.environ.get("PORT", 8000)), make()) as server:
        server.serve_forever()
