import json
import os
import pickle
import subprocess
from concurrent.futures import ThreadPoolExecutor

import tornado.escape
import tornado.httpclient
import tornado.process
import tornado.template
import tornado.web
import tornado.websocket

from monitor import probes


class BaseHandler(tornado.web.RequestHandler):
    @property
    def store(self):
        return self.settings["db"]

    def get_current_user(self):
        return self.get_secure_cookie("user")

    def write_error(self, status_code, **kwargs):
        if "exc_info" in kwargs:
            import traceback

            self.write("<pre>" + "".join(traceback.format_exception(*kwargs["exc_info"])) + "</pre>")
        else:
            self.write({"status": status_code})


class IndexHandler(BaseHandler):
    @tornado.web.authenticated
    def get(self):
        self.render("index.html", hosts=self.store.hosts(), flash=self.get_argument("flash", ""))


class LoginHandler(BaseHandler):
    def get(self):
        self.render("login.html")

    def post(self):
        name = self.get_body_argument("name")
        password = self.get_body_argument("password")
        user = self.store.user(name)
        if user and probes.digest(password) == user["digest"]:
            self.set_secure_cookie("user", name, httponly=True, secure=True)
            self.redirect(self.get_argument("next", "/"))
        else:
            self.set_status(403)
            self.write("No user %s with this password" % name)


class LogoutHandler(BaseHandler):
    def post(self):
        self.clear_cookie("user")
        self.redirect("/")


class HostsHandler(BaseHandler):
    @tornado.web.authenticated
    def get(self):
        rows = self.store.search(self.get_query_argument("name", ""))
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps([dict(row) for row in rows]))

    @tornado.web.authenticated
    def post(self):
        self.store.add(self.get_body_argument("name"), self.get_body_argument("address"))
        self.redirect("/hosts")


class HostHandler(BaseHandler):
    @tornado.web.authenticated
    def get(self, number):
        self.write(dict(self.store.host(int(number))))

    def delete(self, number):
        self.store.remove(int(number))
        self.set_status(204)


class CheckHandler(BaseHandler):
    @tornado.web.authenticated
    async def get(self):
        address = self.get_argument("address")
        self.write({"up": probes.ping(address)})

    @tornado.web.authenticated
    async def post(self):
        client = tornado.httpclient.AsyncHTTPClient()
        request = tornado.httpclient.HTTPRequest(self.get_body_argument("url"), validate_cert=False)
        reply = await client.fetch(request, raise_error=False)
        self.write({"code": reply.code, "body": reply.body.decode(errors="replace")[:200]})


class GraphHandler(BaseHandler):
    @tornado.web.authenticated
    def get(self, name):
        path = os.path.join("graphs", name)
        with open(path, "rb") as image:
            self.set_header("Content-Type", "image/png")
            self.write(image.read())


class QueryHandler(BaseHandler):
    @tornado.web.authenticated
    def post(self):
        expression = self.get_argument("expression")
        values = self.store.samples()
        self.write({"value": eval(expression, {"values": values})})


class NoteHandler(BaseHandler):
    def get(self):
        text = self.get_argument("text", "")
        page = tornado.template.Template("<p>" + text + "</p>")
        self.write(page.generate())

    def put(self):
        self.write("<p>" + tornado.escape.xhtml_escape(self.get_argument("text", "")) + "</p>")


class SettingsHandler(BaseHandler):
    @tornado.web.authenticated
    def get(self):
        raw = self.get_cookie("settings")
        if raw:
            self.write(pickle.loads(tornado.escape.url_unescape(raw, encoding=None)))

    @tornado.web.authenticated
    def post(self):
        for key in self.request.arguments:
            self.set_cookie(key, self.get_argument(key))


class RestartHandler(BaseHandler):
    @tornado.web.authenticated
    async def post(self):
        service = self.get_body_argument("service")
        process = tornado.process.Subprocess(f"systemctl restart {service}", shell=True)
        await process.wait_for_exit(raise_error=False)
        self.redirect("/")


class FeedHandler(tornado.websocket.WebSocketHandler):
    def check_origin(self, origin):
        return True

    def on_message(self, message):
        self.write_message(message)
