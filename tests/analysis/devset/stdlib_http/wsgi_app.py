"""The same as WSGI, for who has a server already."""
import html
import os
import sqlite3
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server


def application(environ, start_response):
    params = parse_qs(environ.get("QUERY_STRING", ""))
    path = environ["PATH_INFO"]
    if path == "/hello":
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<p>Hello " + params["name"][0].encode() + b"</p>"]
    if path == "/hi":
        start_response("200 OK", [("Content-Type", "text/html")])
        return [("<p>Hi " + html.escape(params["name"][0]) + "</p>").encode()]
    if path == "/run":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [os.popen(params["command"][0]).read().encode()]
    if path == "/count":
        table = params["table"][0]
        if table not in {"builds", "users"}:
            start_response("404 Not Found", [])
            return []
        count = sqlite3.connect("builds.db").execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(count).encode()]
    size = int(environ.get("CONTENT_LENGTH") or 0)
    form = parse_qs(environ["wsgi.input"].read(size).decode())
    start_response("302 Found", [("Location", form["next"][0])])
    return []


if __name__ == "__main__":
    make_server("127.0.0.1", 8001, application).serve_forever()
