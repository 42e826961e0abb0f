import hashlib
import random
from datetime import datetime

from social import db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(50), unique=True)
    email = db.Column(db.String(120))
    password = db.Column(db.String(100))
    about = db.Column(db.Text, default="")
    admin = db.Column(db.Boolean, default=False)
    reset_code = db.Column(db.String(10))

    def set_password(self, raw):
        self.password = hashlib.md5(raw.encode()).hexdigest()

    def check_password(self, raw):
        return self.password == hashlib.md5(raw.encode()).hexdigest()

    def new_reset_code(self):
        self.reset_code = str(random.randint(1000, 9999))
        return self.reset_code


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.Integer, db.ForeignKey("user.id"))
    text = db.Column(db.Text)
    private = db.Column(db.Boolean, default=False)
    created = db.Column(db.DateTime, default=datetime.utcnow)
    author = db.relationship("User", backref="posts")


class Message(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    sender_id = db.Column(db.Integer)
    receiver_id = db.Column(db.Integer)
    body = db.Column(db.Text)
