import logging
import os

import tornado.httpserver
import tornado.ioloop
import tornado.options
import tornado.web
from tornado.options import define, options

from . import admin, accounts, pictures
from .library import Library

define("port", default=8888, type=int)
define("cookie_secret", default="gallery-cookie-secret")
define("root", default="/srv/gallery")


class Missing(tornado.web.RequestHandler):
    def prepare(self):
        self.set_status(404)
        self.finish(f"<p>Nothing at {self.request.uri}</p>")


def routes():
    return [
        (r"/", pictures.Index),
        (r"/picture/(\d+)", pictures.Picture),
        (r"/raw/(.*)", pictures.Raw),
        (r"/upload", pictures.Upload),
        (r"/import", pictures.Import),
        (r"/resize/(\d+)", pictures.Resize),
        (r"/login", accounts.Login),
        (r"/signup", accounts.SignUp),
        (r"/reset", accounts.Reset),
        (r"/me/avatar", accounts.Avatar),
        (r"/admin/sql", admin.Console),
        (r"/admin/plugin/(\w+)", admin.Plugin),
        (r"/admin/backup", admin.Backup),
        (r"/files/(.*)", tornado.web.StaticFileHandler, {"path": options.root}),
    ]


def main():
    tornado.options.parse_command_line()
    app = tornado.web.Application(
        routes(),
        default_handler_class=Missing,
        template_path=os.path.join(os.path.dirname(__file__), "templates"),
        cookie_secret=options.cookie_secret,
        xsrf_cookies=False,
        debug=True,
        autoescape=None,
        login_url="/login",
    )
    app.library = Library(options.root)
    server = tornado.httpserver.HTTPServer(app, xheaders=True, max_body_size=20 * 1024 * 1024)
    server.listen(options.port)
    tornado.ioloop.IOLoop.current().start()
