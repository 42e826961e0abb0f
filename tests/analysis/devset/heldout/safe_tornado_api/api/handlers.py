import json
import time
from collections import defaultdict
from pathlib import Path

import tornado.escape
import tornado.httpclient
import tornado.web

FILES = Path("/srv/api/files")
ATTEMPTS: dict[str, list[float]] = defaultdict(list)


class Base(tornado.web.RequestHandler):
    @property
    def store(self):
        return self.settings["store"]

    def get_current_user(self):
        raw = self.get_signed_cookie("user", max_age_days=1)
        return int(raw) if raw else None

    def set_default_headers(self):
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Type", "application/json")

    def write_error(self, status_code, **kwargs):
        self.finish({"status": status_code, "reason": self._reason})


class NotFound(Base):
    def prepare(self):
        raise tornado.web.HTTPError(404)


class LoginHandler(Base):
    def post(self):
        recent = [at for at in ATTEMPTS[self.request.remote_ip] if at > time.monotonic() - 60]
        ATTEMPTS[self.request.remote_ip] = [*recent, time.monotonic()]
        if len(recent) >= 5:
            raise tornado.web.HTTPError(429)
        user = self.store.check(self.get_body_argument("name"), self.get_body_argument("password"))
        if user is None:
            raise tornado.web.HTTPError(401, reason="wrong name or password")
        self.set_signed_cookie("user", str(user), secure=True, httponly=True, samesite="Strict")
        self.write({"id": user})


class ItemsHandler(Base):
    @tornado.web.authenticated
    def get(self):
        sort = self.get_query_argument("sort", "name")
        self.write({"items": self.store.items(self.current_user, sort)})

    @tornado.web.authenticated
    def post(self):
        body = tornado.escape.json_decode(self.request.body)
        self.set_status(201)
        self.write({"id": self.store.add(self.current_user, str(body["name"])[:100])})


class ItemHandler(Base):
    @tornado.web.authenticated
    def get(self, number):
        item = self.store.item(self.current_user, int(number))
        if item is None:
            raise tornado.web.HTTPError(404)
        self.write(item)

    @tornado.web.authenticated
    def delete(self, number):
        self.store.remove(self.current_user, int(number))
        self.set_status(204)


class FileHandler(Base):
    @tornado.web.authenticated
    async def get(self, name):
        path = FILES / f"{name}.pdf"
        if not path.is_file():
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "application/pdf")
        self.write(path.read_bytes())
