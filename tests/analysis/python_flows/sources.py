"""Programs that read a hostile `value`; at HERE it comes to a sink. By name: (text, whether the value may be JSON)."""

from tests.analysis.python_flows.handlers import HANDLERS

HERE = "HERE"

FLASK = """\
from flask import Flask, request, session
app = Flask(__name__)

@app.route("/")
def view():
    value = {}
    HERE
    return "done"
"""

DJANGO = """\
from django.http import JsonResponse

def view(request):
    value = {}
    HERE
    return JsonResponse({{}})
"""

STARLETTE = """\
from starlette.requests import Request
from starlette.responses import JSONResponse

async def view(request: Request):
    value = {}
    HERE
    return JSONResponse({{}})
"""

AIOHTTP = """\
from aiohttp import web

async def view(request: web.Request):
    value = {}
    HERE
    return web.json_response({{}})
"""

TORNADO = """\
import tornado.web

class Main(tornado.web.RequestHandler):
    def get(self):
        value = {}
        HERE
"""

HTTP_SERVER = """\
import cgi
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlparse

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        value = {}
        HERE
"""

_EXPRESSIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "flask",
        FLASK,
        (
            'request.args["q"]',
            'request.args.get("q", "")',
            'request.args.get("q", default="").strip().lower()',
            'request.args.getlist("q")[0]',
            'request.args.to_dict()["q"]',
            'request.form["q"]',
            'request.form.get("q") or "none"',
            'request.values.get("q")',
            'request.json["q"]',
            'request.json.get("user", {}).get("name")',
            "request.get_json()['q']",
            "request.get_json(force=True, silent=True).get('q')",
            'request.data.decode("utf-8")',
            "request.get_data(as_text=True)",
            'request.headers["X-Name"]',
            'request.headers.get("User-Agent")',
            'request.cookies.get("theme")',
            'request.view_args["name"]',
            "request.query_string.decode()",
            "request.stream.read().decode()",
            'request.environ["QUERY_STRING"]',
            'request.files["f"].read().decode()',
        ),
    ),
    (
        "django",
        DJANGO,
        (
            'request.GET["q"]',
            'request.GET.get("q")',
            'request.POST.get("q", "")',
            'request.POST.getlist("q")[0]',
            "request.body.decode()",
            'request.META["HTTP_X_NAME"]',
            'request.META.get("HTTP_USER_AGENT")',
            'request.headers.get("X-Name")',
            'request.COOKIES["q"]',
            'request.FILES["f"].read().decode()',
        ),
    ),
    (
        "starlette",
        STARLETTE,
        (
            'request.query_params["q"]',
            'request.query_params.get("q")',
            '(await request.json())["q"]',
            "(await request.body()).decode()",
            '(await request.form())["q"]',
            'request.path_params["q"]',
            'request.headers.get("x-name")',
            'request.cookies.get("q")',
        ),
    ),
    (
        "aiohttp",
        AIOHTTP,
        (
            'request.query["q"]',
            'request.query.get("q")',
            'request.match_info["q"]',
            'request.match_info.get("q")',
            '(await request.post())["q"]',
            '(await request.json())["q"]',
            "await request.text()",
            'request.headers["X-Name"]',
            'request.rel_url.query["q"]',
            'request.cookies.get("q")',
        ),
    ),
    (
        "tornado",
        TORNADO,
        (
            'self.get_argument("q")',
            'self.get_query_argument("q", "")',
            'self.get_body_argument("q")',
            'self.get_arguments("q")[0]',
            'self.request.headers["X-Name"]',
            "self.request.body.decode()",
            'self.request.arguments["q"][0].decode()',
            'self.get_cookie("q")',
        ),
    ),
    (
        "http-server",
        HTTP_SERVER,
        (
            'parse_qs(urlparse(self.path).query)["q"][0]',
            "self.rfile.read(1000).decode()",
            'json.loads(self.rfile.read(10))["q"]',
            'self.headers.get("X-Name")',
            'cgi.FieldStorage(fp=self.rfile).getvalue("q")',
        ),
    ),
)


def programs() -> dict[str, str]:
    """By what they read: a program with HERE at the place where `value` is used."""
    found = {
        f"{family} {expression}": frame.replace("{}", expression, 1).replace("{{}}", "{}")
        for family, frame, expressions in _EXPRESSIONS
        for expression in expressions
    }
    return {**found, **HANDLERS}


_FROM_THE_BROWSER = ("headers", "cookie", "META", "COOKIES")


def spared(name: str) -> frozenset[str]:
    """The rules that the value of a program cannot break: a link chooses no header for whoever follows it."""
    return frozenset({"open-redirect"} if any(word in name for word in _FROM_THE_BROWSER) else ())
