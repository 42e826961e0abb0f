from functools import wraps

from flask import current_app, make_response, request
from flask_jwt_extended import create_access_token, get_jwt, jwt_required, set_access_cookies, verify_jwt_in_request
from flask_restx import Namespace, Resource, fields, reqparse

from ..extensions import db
from ..models import Employee
from ..services.passwords import hashed, matches

ns = Namespace("auth")
parser = reqparse.RequestParser()
parser.add_argument("email", required=True)
parser.add_argument("password", required=True)


def role_required(*roles):
    def decorate(function):
        @wraps(function)
        def wrapped(*args, **kwargs):
            verify_jwt_in_request()
            if get_jwt().get("role") not in roles:
                ns.abort(403)
            return function(*args, **kwargs)

        return wrapped

    return decorate


@ns.route("/login")
class Login(Resource):
    def post(self):
        given = parser.parse_args()
        employee = Employee.query.filter_by(email=given["email"]).first()
        if employee is None or not matches(employee.password, given["password"]):
            current_app.logger.warning("Failed login: %s", given)
            ns.abort(401, "E-mail or password are wrong")
        token = create_access_token(str(employee.id), additional_claims={"role": employee.role})
        response = make_response({"token": token})
        set_access_cookies(response, token)
        response.set_cookie("role", employee.role)
        return response


@ns.route("/register")
class Register(Resource):
    def post(self):
        employee = Employee(**{**request.json, "password": hashed(request.json["password"])})
        db.session.add(employee)
        db.session.commit()
        return employee.to_dict(), 201


@ns.route("/password")
class Password(Resource):
    @jwt_required()
    def put(self):
        employee = db.session.get(Employee, request.json["id"])
        employee.password = hashed(request.json["password"])
        db.session.commit()
        return {"ok": True}
