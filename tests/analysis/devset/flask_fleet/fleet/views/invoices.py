import io

from flask import Blueprint, render_template, request, send_file
from weasyprint import HTML

from fleet.security import g, needs_role, own, signed_in
from fleet.tables import Invoices

blueprint = Blueprint("invoices", __name__, url_prefix="/invoices")


@blueprint.get("/")
@signed_in
def index():
    return render_template("invoices.html", invoices=Invoices.of(g.user["id"]))


@blueprint.get("/<int:invoice_id>.pdf")
@signed_in
def pdf(invoice_id):
    invoice = Invoices.get(invoice_id)
    page = render_template("invoice.html", invoice=invoice, logo=request.args.get("logo", "default"))
    return send_file(io.BytesIO(HTML(string=page).write_pdf()), mimetype="application/pdf")


@blueprint.get("/<int:invoice_id>")
@signed_in
def show(invoice_id):
    return render_template("invoice.html", invoice=own(Invoices.get(invoice_id)))


@blueprint.post("/<int:invoice_id>/void")
@needs_role("admin", "accountant")
def void(invoice_id):
    Invoices.update(invoice_id, paid=False)
    return render_template("invoice.html", invoice=Invoices.get(invoice_id))
