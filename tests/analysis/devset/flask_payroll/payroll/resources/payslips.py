import io

from flask import Response, request, send_file
from flask_jwt_extended import get_jwt_identity, jwt_required
from flask_restx import Namespace, Resource

from ..extensions import db
from ..models import Payslip
from ..services.reports import Report, valid_month
from .auth import role_required

ns = Namespace("payslips")


@ns.route("/")
class Payslips(Resource):
    @jwt_required()
    def get(self):
        month = request.args.get("month", "")
        return list(Report(int(get_jwt_identity()), order=request.args.get("order", "month"), month=month))

    @jwt_required()
    def post(self):
        month = request.json["month"]
        if not valid_month(month):
            ns.abort(400)
        return list(Report(int(get_jwt_identity()), month=month))


@ns.route("/pdf")
class Pdf(Resource):
    @jwt_required()
    def get(self):
        content = Report(int(get_jwt_identity())).pdf(request.args.get("title", "Payslips"))
        return send_file(io.BytesIO(content), mimetype="application/pdf")


@ns.route("/html")
class Html(Resource):
    @jwt_required()
    def get(self):
        page = Report(int(get_jwt_identity())).html(request.args.get("layout", "plain.html"))
        return Response(page, mimetype="text/html")


@ns.route("/<int:number>")
class OnePayslip(Resource):
    @jwt_required()
    def get(self, number):
        payslip = Payslip.query.filter_by(id=number, employee_id=get_jwt_identity()).first_or_404()
        return {"month": payslip.month, "net": str(payslip.net)}

    @jwt_required()
    def delete(self, number):
        payslip = Payslip.query.get_or_404(number)
        db.session.delete(payslip)
        db.session.commit()
        return "", 204


@ns.route("/<int:number>/note")
class Note(Resource):
    @jwt_required()
    def get(self, number):
        payslip = Payslip.query.filter_by(id=number, employee_id=get_jwt_identity()).first_or_404()
        return Response("<p>" + payslip.note + "</p>", mimetype="text/html")
