"""nginx: directives with their blocks, and what in them opens files, hosts or headers to strangers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

from server.analysis.config.images import RUNS_AS_ROOT
from server.analysis.config.properties import LISTED_DIRECTORY, TOLD_INTERNALS
from server.analysis.python.tls import OLD_TLS
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import OPEN_REDIRECT, PATH_FROM_REQUEST, PERMISSIVE_CORS, TLS_UNVERIFIED, URL_FROM_REQUEST
from server.analysis.source import Source, Span
from server.analysis.text.rights import UNLIMITED_BODY
from server.reviews.finding import Confidence, Edit, Fix, Severity

HEADER_FROM_ADDRESS = Rule(
    "hive.header-from-address",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "$uri is decoded: a %0d%0a in the address becomes a line end, and with it a header of the answer.",
    113,
    in_tests=False,
    also=(93, 74, 601),
    remedy="Use $request_uri, which stays as it was sent.",
)


@dataclass(slots=True)
class Directive:
    """`name arguments;` or `name arguments { ... }`."""

    name: str
    text: str
    line: int
    inside: "Directive | None"
    children: "list[Directive]" = field(default_factory=list)

    def get(self, name: str) -> "Directive | None":
        return next((child for child in self.children if child.name == name), None)


_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<space>\s+)|(?P<end>;)|(?P<open>\{)|(?P<close>\})"""
    r"""|(?P<word>(?:"(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'|\$\{\w*\}|[^\s;{}"'\#]|\#)+|["'])""",
)

MAX_DIRECTIVES = 50_000


@dataclass(frozen=True)
class NginxFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    @cached_property
    def _by_name(self) -> dict[str, list[Directive]]:
        found: dict[str, list[Directive]] = {}
        for directive in _directives(self.source.text):
            found.setdefault(directive.name, []).append(directive)
        return found

    def nodes(self, kind: Any) -> Sequence[Directive]:
        """The directives of a name."""
        return self._by_name.get(kind, ())

    def span(self, directive: Directive) -> Span:
        return self.source.line_span(directive.line)


def _directives(text: str) -> Iterator[Directive]:
    """In the order of the text; a block is told as it opens, and filled after that."""
    words: list[str] = []
    line, first, made = 1, 1, 0
    block: Directive | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "word":
            first = first if words else line
            words.append(token[0])
        elif kind in ("end", "open") and words:
            directive = Directive(words[0].lower(), " ".join(words[1:])[:2_000], first, block)
            if block is not None:
                block.children.append(directive)
            yield directive
            made += 1
            block = directive if kind == "open" else block
            words = []
        elif kind == "close":
            block = block.inside if block is not None else None
            words = []
        line += token[0].count("\n")
        if made >= MAX_DIRECTIVES:
            return


@check(
    LISTED_DIRECTORY,
    on=("autoindex",),
    bad=("location /static/ {\n    autoindex on;\n}\n",),
    good=("location /static/ {\n    autoindex off;\n}\n", "# autoindex on;\n"),
)
def listed_directory(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.text == "on":
        span = file.span(directive)
        line = file.source.line(directive.line)
        at = line.find(" on;", line.find("autoindex")) + 1
        fix = Fix("Do not list the files", (Edit(directive.line, at + 1, directive.line, at + 3, "off"),), safe=False)
        yield Hit(span, "Visitors can list the files", fix if at > 0 else None)


@check(
    PATH_FROM_REQUEST,
    on=("alias",),
    bad=("location /static {\n    alias /srv/app/static/;\n}\n",),
    good=(
        "location /static/ {\n    alias /srv/app/static/;\n}\n",
        "location = /logo.png {\n    alias /srv/app/logo.png;\n}\n",
        "location /static {\n    alias /srv/app/static;\n}\n",
        "location ~ ^/f/(.*)$ {\n    alias /srv/files/;\n}\n",
    ),
)
def alias_traversal(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    """`/static../secret` matches `/static`, and `../secret` goes to the alias."""
    location = directive.inside
    if location is None or location.name != "location" or not directive.text.endswith("/"):
        return
    words = location.text.split()
    prefix = words[-1] if words and words[0] not in ("=", "~", "~*") else ""
    if prefix.startswith("/") and not prefix.endswith("/"):
        yield Hit(file.span(location), f"{prefix}../ leads out of {directive.text}")


@check(
    OLD_TLS,
    on=("ssl_protocols", "ssl_ciphers"),
    bad=("ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\n", "ssl_ciphers RC4:DES-CBC3-SHA;\n"),
    good=("ssl_protocols TLSv1.2 TLSv1.3;\n", "ssl_ciphers HIGH:!aNULL:!MD5:!RC4:!3DES;\n"),
)
def old_tls(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.name == "ssl_protocols":
        weak = re.search(r"\b(?:SSLv[23]|TLSv1(?:\.1)?)(?!\.)\b", directive.text)
    else:
        offered = [
            part for part in re.split(r"[:,\s]+", directive.text.strip("'\"")) if not part.startswith(("!", "-"))
        ]
        weak = re.search(r"\b(?:RC4|DES|3DES|NULL|EXPORT|EXP|MD5|aNULL|eNULL|LOW)\b", " ".join(offered))
    if weak:
        yield Hit(file.span(directive), f"{weak[0]} is offered")


@check(
    HEADER_FROM_ADDRESS,
    on=("return", "rewrite", "add_header"),
    bad=("return 301 https://$host$uri;\n", "return 302 https://acme.io$document_uri;\n"),
    good=("return 301 https://$host$request_uri;\n", "return 404;\n", "try_files $uri $uri/ =404;\n"),
)
def header_from_address(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    redirects = directive.name == "return" and directive.text.startswith("3")
    if (redirects or directive.name == "add_header") and re.search(r"\$(?:document_)?uri\b", directive.text):
        yield Hit(file.span(directive), "The decoded address becomes part of a header")


@check(
    OPEN_REDIRECT,
    on=("return", "rewrite"),
    bad=("return 302 $arg_next;\n", "return 301 https://$arg_host/;\n"),
    good=("return 302 /login?next=$arg_next;\n", "return 301 https://$host$request_uri;\n", "return 200 $arg_a;\n"),
)
def redirect_to_request(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if re.match(r"(?:return\s+)?30\d\s+['\"]?(?:https?://)?\$(?:arg|cookie|http)_\w+", directive.text):
        yield Hit(file.span(directive), "The request chooses where the browser goes")


@check(
    URL_FROM_REQUEST,
    on=("proxy_pass",),
    bad=(
        "location ~ /fetch {\n    proxy_pass $arg_url;\n}\n",
        "proxy_pass http://$http_x_target;\n",
        "proxy_pass http://$arg_host/;\n",
        "location ~ ^/proxy/(.*)$ {\n    proxy_pass http://$1;\n}\n",
    ),
    good=("proxy_pass http://backend;\n", "proxy_pass http://$backend;\n", "proxy_pass http://app$request_uri;\n"),
)
def proxy_to_request(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if (
        re.match(r"(?:https?://)?\$(?:arg_|http_|cookie_)\w+|https?://\$\d", directive.text)
        and "$http_upgrade" not in directive.text
    ):
        yield Hit(file.span(directive), "The request chooses where nginx connects")


@check(
    PERMISSIVE_CORS,
    on=("add_header",),
    bad=(
        "add_header Access-Control-Allow-Origin *;\n",
        "add_header 'Access-Control-Allow-Origin' $http_origin always;\n",
    ),
    good=(
        "add_header Access-Control-Allow-Origin https://acme.io;\n",
        "location ~ \\.(woff2|ttf)$ {\n    add_header Access-Control-Allow-Origin *;\n}\n",
    ),
)
def permissive_cors(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    words = [word.strip("'\"") for word in directive.text.split()]
    if len(words) < 2 or words[0].lower() != "access-control-allow-origin" or words[1] not in ("*", "$http_origin"):
        return
    block = directive.inside
    fonts = block is not None and re.search(r"woff|ttf|font|static|assets|\.css|\.js|images", block.text)
    if not fonts:
        reflected = words[1] != "*"
        yield Hit(
            file.span(directive),
            "Any origin may read the answers",
            severity=Severity.MEDIUM if reflected else Severity.LOW,
        )


@check(
    TLS_UNVERIFIED,
    on=("grpc_ssl_verify", "proxy_ssl_verify"),
    bad=("proxy_ssl_verify off;\n",),
    good=("proxy_ssl_verify on;\n",),
)
def unverified_upstream(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.text == "off":
        yield Hit(file.span(directive), "The upstream's certificate is not checked", severity=Severity.LOW)


@check(
    UNLIMITED_BODY,
    on=("client_max_body_size",),
    bad=("client_max_body_size 0;\n",),
    good=("client_max_body_size 10m;\n",),
)
def unlimited_body(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.text == "0":
        yield Hit(file.span(directive), "A request may have any size")


@check(
    RUNS_AS_ROOT,
    on=("user",),
    bad=("user root;\nevents {}\n",),
    good=("user nginx;\n", "user www-data www-data;\n"),
)
def workers_of_root(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.inside is None and directive.text.split()[:1] == ["root"]:
        yield Hit(file.span(directive), "The processes that answer requests run as root", severity=Severity.MEDIUM)


@check(
    TOLD_INTERNALS,
    on=("server_tokens",),
    bad=("http {\n    server_tokens on;\n}\n",),
    good=("server_tokens off;\n",),
)
def told_version(directive: Directive, file: NginxFile) -> Iterator[Hit]:
    if directive.text == "on":
        yield Hit(file.span(directive), "Every answer tells nginx's version", severity=Severity.LOW)


CHECKS = (
    workers_of_root,
    told_version,
    unlimited_body,
    listed_directory,
    alias_traversal,
    old_tls,
    header_from_address,
    proxy_to_request,
    redirect_to_request,
    permissive_cors,
    unverified_upstream,
)
