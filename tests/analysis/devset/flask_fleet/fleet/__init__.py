"""Fleet: cars, trips, drivers, invoices. One process, Postgres, a worker for mails."""
import logging
import os
from datetime import timedelta

from flask import Flask, jsonify, request
from flask_wtf.csrf import CSRFProtect

from fleet import cli, database
from fleet.errors import FleetError
from fleet.views import accounts, cars, drivers, files, hooks, invoices, reports, trips

csrf = CSRFProtect()


def create_app(config: dict | None = None) -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("FLEET_SECRET_KEY"),
        DATABASE=os.environ.get("FLEET_DATABASE", "postgresql:///fleet"),
        FILES=os.environ.get("FLEET_FILES", "/srv/fleet/files"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
    )
    app.config.update(config or {})
    if not app.config["SECRET_KEY"]:
        raise RuntimeError("FLEET_SECRET_KEY is not set")
    logging.basicConfig(level=app.config.get("LOG_LEVEL", "INFO"))
    database.init_app(app)
    csrf.init_app(app)
    for module in (accounts, cars, drivers, files, invoices, reports, trips):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(hooks.blueprint)
    csrf.exempt(hooks.blueprint)
    cli.register(app)

    @app.errorhandler(FleetError)
    def known(error: FleetError):
        return jsonify(error=error.message), error.status

    @app.errorhandler(500)
    def unknown(error):
        app.logger.exception("request failed: %s", request.path)
        return jsonify(error="internal error"), 500

    return app
