"""What the views need from outside."""
import os
import subprocess

from django.db import connection

from .models import Ticket

REPORTS = {
    "daily": "SELECT count(*) FROM tickets_ticket WHERE created_at > now() - interval '1 day'",
    "weekly": "SELECT count(*) FROM tickets_ticket WHERE created_at > now() - interval '7 days'",
}


def run_report(kind, columns):
    if columns:
        wanted = ", ".join(columns)
        return str(list(Ticket.objects.raw("SELECT id, %s FROM tickets_ticket" % wanted)))
    with connection.cursor() as cursor:
        cursor.execute(REPORTS[kind])
        return str(cursor.fetchone()[0])


def convert_to_pdf(text):
    done = subprocess.run(["wkhtmltopdf", "-", "-"], input=text.encode(), capture_output=True, check=True, timeout=30)
    return done.stdout


def archive(name):
    os.system("tar czf /backup/%s.tgz media/%s" % (name, name))


def ordered(order):
    if order not in ("priority", "-priority", "created_at"):
        order = "-created_at"
    return Ticket.objects.extra(order_by=[order])


def matching(condition):
    return Ticket.objects.extra(where=["subject LIKE '%%" + condition + "%%'"])
