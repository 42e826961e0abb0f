import logging
import os

from flask import Flask

from inventory import db
from inventory.resources import api
from inventory.web import web


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(
        SECRET_KEY="dev",
        DATABASE_URL=os.environ.get("DATABASE_URL"),
        DEBUG=False,
    )
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
    else:
        app.config.update(test_config)
    db.init_app(app)
    app.register_blueprint(api, url_prefix="/api")
    app.register_blueprint(web)
    return app
