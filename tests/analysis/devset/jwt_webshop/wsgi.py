import os

from flask import Flask
from flask_cors import CORS

from authsvc.models import db
from authsvc.views import bp as auth
from shop.graph import view
from shop.views import bp as shop


def create_app(overrides=None):
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="shop-key",
        SQLALCHEMY_DATABASE_URI="mysql://shop:sh0p-pw@localhost/shop",
        SESSION_COOKIE_SECURE=False,
        WTF_CSRF_ENABLED=False,
        PROPAGATE_EXCEPTIONS=True,
    )
    app.config.update(overrides or {})
    db.init_app(app)
    CORS(app, resources={r"/*": {"origins": "*"}})
    app.register_blueprint(auth)
    app.register_blueprint(shop)
    app.add_url_rule("/graphql", view_func=view)

    @app.after_request
    def headers(response):
        response.headers["Access-Control-Allow-Origin"] = request_origin()
        response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    return app


def request_origin():
    from flask import request

    return request.headers.get("Origin", "*")


if __name__ == "__main__":
    create_app().run(host="0.0.0.0", debug=bool(os.environ.get("DEBUG", "1")), ssl_context=None)
