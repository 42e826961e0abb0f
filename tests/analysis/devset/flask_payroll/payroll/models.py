from datetime import datetime, timezone

from .extensions import db


class Employee(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
    email = db.Column(db.String(120), unique=True)
    password = db.Column(db.String(255))
    iban = db.Column(db.String(34))
    salary = db.Column(db.Numeric(10, 2))
    role = db.Column(db.String(20), default="employee")

    def to_dict(self):
        return {column.name: str(getattr(self, column.name)) for column in self.__table__.columns}


class Payslip(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    employee_id = db.Column(db.Integer, db.ForeignKey("employee.id"))
    month = db.Column(db.String(7))
    net = db.Column(db.Numeric(10, 2))
    note = db.Column(db.Text)
    created = db.Column(db.DateTime, default=lambda: datetime.now(timezone.utc))


class Expense(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    employee_id = db.Column(db.Integer, db.ForeignKey("employee.id"))
    amount = db.Column(db.Numeric(10, 2))
    approved = db.Column(db.Boolean, default=False)
