from flask import Flask

from .config import Config
from .extensions import db, login_manager, mail
from .admin.views import admin_bp
from .auth.routes import auth_bp
from .catalog.routes import catalog_bp
from .checkout.routes import checkout_bp


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    login_manager.init_app(app)
    mail.init_app(app)
    app.register_blueprint(auth_bp, url_prefix="/auth")
    app.register_blueprint(catalog_bp)
    app.register_blueprint(checkout_bp, url_prefix="/checkout")
    app.register_blueprint(admin_bp, url_prefix="/admin")

    @app.after_request
    def headers(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
