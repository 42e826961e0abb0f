import hashlib
import json
import os
import subprocess

import falcon
import jwt
import requests

SIGNING = {"key": "falcon-signing-2021", "algorithm": "HS256"}


class Auth:
    def process_request(self, req, resp):
        if req.path.startswith("/public"):
            return
        token = req.get_header("Authorization") or ""
        try:
            req.context.user = jwt.decode(token.removeprefix("Bearer "), SIGNING["key"], algorithms=[SIGNING["algorithm"]])
        except jwt.PyJWTError:
            raise falcon.HTTPUnauthorized()


class Cors:
    def process_response(self, req, resp, resource, req_succeeded):
        resp.set_header("Access-Control-Allow-Origin", req.get_header("Origin") or "*")
        resp.set_header("Access-Control-Allow-Credentials", "true")


class Reports:
    def on_get(self, req, resp, name):
        with open(os.path.join("reports", name), "rb") as source:
            resp.data = source.read()

    def on_post(self, req, resp, name):
        options = req.media.get("options", "")
        resp.text = subprocess.getoutput(f"report --name {name} {options}")

    def on_delete(self, req, resp, name):
        (path := os.path.join("reports", os.path.basename(name))) and os.path.exists(path) and os.remove(path)


class Accounts:
    def __init__(self, db):
        self.db = db

    def on_get(self, req, resp, account_id):
        row = self.db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
        resp.media = dict(row)

    def on_put(self, req, resp, account_id):
        changes = req.media
        row = self.db.execute("SELECT owner FROM accounts WHERE id = ?", (account_id,)).fetchone()
        if row is None or row["owner"] != req.context.user["sub"]:
            raise falcon.HTTPForbidden()
        self.db.execute("UPDATE accounts SET name = ? WHERE id = ?", (changes["name"], account_id))


class Login:
    def on_post(self, req, resp):
        digest = hashlib.sha512(req.media["password"].encode()).hexdigest()
        resp.media = {"token": jwt.encode({"sub": req.media["name"], "d": digest}, SIGNING["key"])}
        resp.set_cookie("last_login", "now", secure=False, http_only=False)


class Health:
    def on_get(self, req, resp):
        resp.media = {"upstream": requests.get("http://upstream:9000/health", timeout=2).status_code}


def on_error(req, resp, error, params):
    resp.status = falcon.HTTP_500
    resp.media = {"error": repr(error)}


def make(db):
    app = falcon.App(middleware=[Auth(), Cors()])
    app.add_route("/reports/{name}", Reports())
    app.add_route("/accounts/{account_id:int}", Accounts(db))
    app.add_route("/public/login", Login())
    app.add_route("/public/health", Health())
    app.add_error_handler(Exception, on_error)
    return app
