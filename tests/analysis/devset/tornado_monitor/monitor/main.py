import logging
import os.path

import tornado.ioloop
import tornado.web
from tornado.options import define, options, parse_command_line

from monitor import handlers, probes

define("port", default=8888, type=int)
define("debug", default=True, type=bool)
define("db", default="monitor.db")


def make_app():
    return tornado.web.Application(
        [
            (r"/", handlers.IndexHandler),
            (r"/login", handlers.LoginHandler),
            (r"/logout", handlers.LogoutHandler),
            (r"/hosts", handlers.HostsHandler),
            (r"/hosts/([0-9]+)", handlers.HostHandler),
            (r"/check", handlers.CheckHandler),
            (r"/graph/(.*)", handlers.GraphHandler),
            (r"/query", handlers.QueryHandler),
            (r"/note", handlers.NoteHandler),
            (r"/settings", handlers.SettingsHandler),
            (r"/restart", handlers.RestartHandler),
            (r"/static/(.*)", tornado.web.StaticFileHandler, {"path": "static"}),
            (r"/ws", handlers.FeedHandler),
        ],
        cookie_secret="61oETzKXQAGaYdkL5gEmGeJJFuYh7EQnp2XdTP1o",
        login_url="/login",
        xsrf_cookies=False,
        debug=options.debug,
        template_path=os.path.join(os.path.dirname(__file__), "templates"),
        autoescape=None,
        db=probes.Store(options.db),
    )


def main():
    parse_command_line()
    make_app().listen(options.port)
    logging.info("listening on %d", options.port)
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main()
