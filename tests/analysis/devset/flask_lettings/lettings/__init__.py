import os

from flask import Flask, g, session

from .storage import Store


class Config:
    SECRET_KEY = os.environ.get("LETTINGS_SECRET") or "lettings-local-key"
    SESSION_COOKIE_HTTPONLY = False
    SESSION_COOKIE_SAMESITE = "Lax"
    MAX_CONTENT_LENGTH = 12 * 1024 * 1024
    UPLOADS = os.environ.get("LETTINGS_UPLOADS", "/srv/lettings/uploads")
    DATABASE = os.environ.get("LETTINGS_DB", "lettings.db")


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)
    app.extensions["store"] = Store(app.config["DATABASE"])

    @app.before_request
    def load_person():
        g.person = None
        if "person" in session:
            g.person = app.extensions["store"].person(session["person"])

    from .views import accounts, documents, flats, tenants

    for blueprint in (accounts.bp, flats.bp, documents.bp, tenants.bp):
        app.register_blueprint(blueprint)

    @app.errorhandler(500)
    def broken(error):
        original = getattr(error, "original_exception", None)
        return {"error": repr(original), "args": [str(a) for a in getattr(original, "args", ())]}, 500

    @app.after_request
    def headers(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
