"""Time tracker: projects, entries, reports."""
import os

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect

db = SQLAlchemy()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=["300 per hour"])
login_manager = LoginManager()
login_manager.login_view = "auth.login"


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ["TRACKER_SECRET"],
        SQLALCHEMY_DATABASE_URI=os.environ["TRACKER_DATABASE"],
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
    )
    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    Talisman(app, content_security_policy={"default-src": "'self'"})

    from .auth import auth
    from .entries import entries
    from .reports import reports

    app.register_blueprint(auth)
    app.register_blueprint(entries)
    app.register_blueprint(reports)
    return app
