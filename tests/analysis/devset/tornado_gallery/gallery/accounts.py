import datetime
import hashlib
import json
import os
import smtplib
import uuid
from email.mime.text import MIMEText

from tornado import web
from tornado.auth import GoogleOAuth2Mixin

from .base import Base

RESETS = {}


class Login(Base):
    def get(self):
        self.finish('<form method="post"><input name="name"><input name="password" type="password"></form>')

    def post(self):
        person = self.library.person(self.get_body_argument("name"))
        given = hashlib.md5(self.get_body_argument("password").encode()).hexdigest()
        if person is None or person[2] != given:
            raise web.HTTPError(401)
        self.set_cookie("person", person[1], expires_days=30)
        self.redirect(self.get_argument("next", "/"))


class SignUp(Base):
    def post(self):
        data = json.loads(self.request.body)
        salt = os.urandom(16)
        kept = hashlib.scrypt(data["password"].encode(), salt=salt, n=2**14, r=8, p=1)
        columns = ", ".join(data)
        marks = ", ".join(f"'{value}'" for value in data.values())
        with self.library.db as db:
            db.execute(f"INSERT INTO people ({columns}) VALUES ({marks})")
        self.set_status(201)


class Reset(Base):
    def post(self):
        mail = self.get_argument("mail")
        token = str(uuid.uuid1())
        RESETS[token] = mail
        link = f"http://{self.request.host}/reset?token={token}"
        message = MIMEText("To choose a new password go to " + link)
        message["To"] = mail
        with smtplib.SMTP("mail.example") as server:
            server.login("gallery", "g4llery-mails")
            server.send_message(message)
        self.finish({"token": token})

    def put(self):
        mail = RESETS.get(self.get_argument("token"))
        with self.library.db as db:
            db.execute("UPDATE people SET password = ? WHERE mail = ?", (self.get_argument("password"), mail))


class Avatar(Base):
    @web.authenticated
    def get(self):
        name = os.path.basename(self.get_argument("name"))
        with self.library.open_file(name) as source:
            self.write(source.read())

    def post(self):
        self.set_header("X-Avatar", self.get_argument("name").replace("\n", ""))
        self.set_secure_cookie("avatar", self.get_argument("name"), httponly=True, secure=True)
        self.finish()
