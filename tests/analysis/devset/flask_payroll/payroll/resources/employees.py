from flask import request
from flask_jwt_extended import get_jwt_identity, jwt_required
from flask_restx import Namespace, Resource

from ..extensions import db
from ..models import Employee, Expense
from ..services.reports import people
from .auth import role_required

ns = Namespace("employees")


@ns.route("/")
class Employees(Resource):
    @role_required("hr")
    def get(self):
        return [employee.to_dict() for employee in people(request.args.to_dict())]

    @jwt_required()
    def delete(self):
        Employee.query.filter_by(id=request.args["id"]).delete()
        db.session.commit()
        return "", 204


@ns.route("/<int:number>")
class OneEmployee(Resource):
    @jwt_required()
    def get(self, number):
        return db.get_or_404(Employee, number).to_dict()

    @jwt_required()
    def put(self, number):
        if number != int(get_jwt_identity()):
            ns.abort(403)
        employee = db.get_or_404(Employee, number)
        for name in ("name", "email", "iban"):
            if name in request.json:
                setattr(employee, name, request.json[name])
        db.session.commit()
        return employee.to_dict()

    def patch(self, number):
        Employee.query.filter_by(id=number).update(request.json)
        db.session.commit()
        return {"ok": True}


@ns.route("/<int:number>/expenses")
class Expenses(Resource):
    @jwt_required()
    def post(self, number):
        expense = Expense(
            employee_id=number,
            amount=request.json["amount"],
            approved=request.json.get("approved", False),
        )
        db.session.add(expense)
        db.session.commit()
        return {"id": expense.id}, 201
