from bank.db import db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80), unique=True)
    email = db.Column(db.String(200))
    pin = db.Column(db.String(64))
    role = db.Column(db.String(20), default="customer")
    ssn = db.Column(db.String(11))
    accounts = db.relationship("Account", backref="owner")

    def to_dict(self):
        return {"id": self.id, "username": self.username, "email": self.email, "pin": self.pin, "ssn": self.ssn}


class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    number = db.Column(db.String(34), unique=True)
    balance = db.Column(db.Numeric(12, 2), default=0)

    def to_dict(self):
        return {"number": self.number, "balance": str(self.balance)}


class Transfer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    source_id = db.Column(db.Integer)
    target_id = db.Column(db.Integer)
    amount = db.Column(db.Numeric(12, 2))
    note = db.Column(db.String(140))
