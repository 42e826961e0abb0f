import os

from flask import Flask

from .extensions import cors, db, jwt, limiter, migrate
from .books import books
from .users import users


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = 900
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
    db.init_app(app)
    migrate.init_app(app, db)
    jwt.init_app(app)
    limiter.init_app(app)
    cors.init_app(app, resources={r"/api/*": {"origins": os.environ.get("ORIGINS", "").split(",")}})
    app.register_blueprint(users, url_prefix="/api/users")
    app.register_blueprint(books, url_prefix="/api/books")

    @app.errorhandler(Exception)
    def failed(error):
        app.logger.exception("request failed")
        return {"error": "internal error"}, 500

    return app
