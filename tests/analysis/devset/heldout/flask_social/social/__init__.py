import os

from flask import Flask, g, session
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "supersecretkey123"
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(app.root_path, "social.sqlite")
    app.config["UPLOAD_FOLDER"] = os.path.join(app.root_path, "static", "uploads")
    app.config["SESSION_COOKIE_HTTPONLY"] = False
    app.config["JWT_KEY"] = "jwt-key-social"
    db.init_app(app)

    from social import api, auth, feed, messages, profile

    for module in (auth, feed, profile, messages, api):
        app.register_blueprint(module.bp)

    @app.before_request
    def who():
        from social.models import User

        g.user = db.session.get(User, session["uid"]) if "uid" in session else None

    return app
