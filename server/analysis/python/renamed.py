"""Modules of the standard library under their names of today: what Python 2 and `six.moves` call otherwise.

Not those that a project may well call its own, as `commands`.
"""

_MODULES: dict[str, str] = {
    "BaseHTTPServer": "http.server",
    "CGIHTTPServer": "http.server",
    "ConfigParser": "configparser",
    "Cookie": "http.cookies",
    "HTMLParser": "html.parser",
    "Queue": "queue",
    "SimpleHTTPServer": "http.server",
    "SimpleXMLRPCServer": "xmlrpc.server",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "cPickle": "pickle",
    "cStringIO": "io",
    "cookielib": "http.cookiejar",
    "httplib": "http.client",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "xmlrpclib": "xmlrpc.client",
}

_SIX = "six.moves."


def modern(name: str) -> str:
    """`urllib2.urlopen` is `urllib.request.urlopen`; a name that nobody renamed stays."""
    module, dot, rest = name.removeprefix(_SIX).partition(".")
    return f"{_MODULES.get(module, module)}{dot}{rest}"
