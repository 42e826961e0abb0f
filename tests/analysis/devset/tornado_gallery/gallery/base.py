import functools

import tornado.web


class Base(tornado.web.RequestHandler):
    @property
    def library(self):
        return self.application.library

    def get_current_user(self):
        return self.get_cookie("person")

    def write_error(self, status_code, **kwargs):
        self.write({"status": status_code})

    def set_default_headers(self):
        origin = self.request.headers.get("Origin")
        if origin:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")


def admin_only(method):
    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        person = self.library.person(self.current_user)
        if not person or not person[3]:
            raise tornado.web.HTTPError(403)
        return method(self, *args, **kwargs)

    return wrapper
