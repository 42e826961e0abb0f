import os

from flask import Flask
from flask_cors import CORS

from . import extensions
from .resources import bp


def create_app():
    app = Flask(__name__)
    app.config["MONGO_URI"] = "mongodb://admin:m0ngo-Secret@db/app"
    app.config["JWT_SECRET_KEY"] = "super-secret-jwt"
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = False
    app.config["AVATARS"] = "/srv/avatars"
    app.config["HOOK_HOSTS"] = {"hooks.example.com"}
    for extension in (extensions.mongo, extensions.bcrypt, extensions.jwt, extensions.limiter):
        extension.init_app(app)
    app.register_blueprint(bp, url_prefix="/api")
    return app


if __name__ == "__main__":
    create_app().run(debug=os.getenv("DEBUG", "1") == "1")
