from flask import Flask
from flask_restx import Api

from .extensions import db, jwt
from .resources.auth import ns as auth_ns
from .resources.employees import ns as employees_ns
from .resources.payslips import ns as payslips_ns
from .resources.tools import ns as tools_ns


def create_app(**overrides):
    app = Flask(__name__)
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI="mysql+pymysql://payroll:p4yr0ll@db/payroll",
        JWT_SECRET_KEY="pay-me-please",
        JWT_ACCESS_TOKEN_EXPIRES=False,
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_COOKIE_SECURE=True,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.config.update(overrides)
    db.init_app(app)
    jwt.init_app(app)
    api = Api(app, doc="/docs")
    for ns in (auth_ns, employees_ns, payslips_ns, tools_ns):
        api.add_namespace(ns)
    return app
