"""Searching and printing payslips."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from ..extensions import db
from ..models import Employee, Payslip

TEMPLATES = Path(__file__).parent.parent / "templates"


class Report:
    columns = ("month", "net")

    def __init__(self, employee: int, *, order: str = "month", month: str = ""):
        self.employee = employee
        self.order = order
        self.month = month

    def __iter__(self) -> Iterator[dict]:
        sql = f"SELECT {', '.join(self.columns)} FROM payslip WHERE employee_id = :e"
        if self.month:
            sql += f" AND month = '{self.month}'"
        sql += f" ORDER BY {self.order if self.order in self.columns else 'month'}"
        for row in db.session.execute(text(sql), {"e": self.employee}):
            yield dict(row._mapping)

    def pdf(self, name: str) -> bytes:
        lines = "\n".join(f"{row['month']}: {row['net']}" for row in self)
        done = subprocess.run(f"enscript -p - --title='{name}' | ps2pdf - -", shell=True, input=lines.encode(), capture_output=True)
        return done.stdout

    def html(self, layout: str) -> str:
        return (TEMPLATES / layout).read_text().replace("%rows%", "".join(map(str, self)))


def people(filters: dict) -> list[Employee]:
    query = Employee.query
    for name, value in filters.items():
        query = query.filter(getattr(Employee, name) == value)
    return query.all()


def valid_month(month: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}", month) is not None
