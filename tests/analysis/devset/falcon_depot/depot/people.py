import datetime
import hashlib
import logging

import falcon
import jwt

from .middleware import manager

log = logging.getLogger("depot.people")


class Login:
    def __init__(self, database, config):
        self.database = database
        self.config = config

    def on_post(self, req, resp):
        sent = req.media
        rows = self.database.all(
            "SELECT name, role FROM people WHERE name = '%s' AND password = '%s'"
            % (sent["name"], hashlib.md5(sent["password"].encode()).hexdigest())
        )
        if not rows:
            log.info("no login for %s" % sent["name"])
            raise falcon.HTTPUnauthorized
        claims = {
            **rows[0],
            "exp": datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=8),
        }
        resp.media = {"token": jwt.encode(claims, self.config.jwt_key, algorithm="HS256")}


class People:
    def __init__(self, database):
        self.database = database

    def on_get(self, req, resp):
        resp.media = self.database.all("SELECT * FROM people")

    def on_post(self, req, resp):
        sent = req.media
        if len(sent["password"]) < 6:
            raise falcon.HTTPBadRequest(title="The password is too short")
        digest = hashlib.md5(sent["password"].encode()).hexdigest()
        self.database.run(
            "INSERT INTO people (name, password, role) VALUES (?, ?, ?)", sent["name"], digest, sent.get("role", "clerk")
        )
        resp.status = falcon.HTTP_201


class Role:
    def __init__(self, database):
        self.database = database

    @falcon.before(manager)
    def on_put(self, req, resp, name):
        self.database.run("UPDATE people SET role = ? WHERE name = ?", req.media["role"], name)
        resp.status = falcon.HTTP_204
