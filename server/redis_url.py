"""What a Redis URL says: one server, the master that Sentinels watch over, or a Cluster.

    redis://[user:password@]host[:6379][/db]        one server; rediss:// with TLS, unix://[user:password@]/path
    redis+sentinel://[user:password@]host[:26379][,host…]/service[/db]        rediss+sentinel:// with TLS everywhere
    redis+cluster://[user:password@]host[:6379][,host…]                       rediss+cluster:// with TLS

User, password and options are those of the servers that hold the data; what Sentinels themselves ask for stands in the
options sentinel_username and sentinel_password. Pure; who connects is `messaging/connection.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

REDIS_PORT = 6379
SENTINEL_PORT = 26379

_OPTIONS = frozenset(
    {
        *("db", "username", "password", "client_name", "max_connections"),
        *("health_check_interval", "socket_keepalive", "socket_read_size"),
        *("ssl_ca_certs", "ssl_ca_data", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password"),
        *("ssl_cert_reqs", "ssl_check_hostname", "ssl_ciphers", "ssl_min_version"),
    }
)
"""Time limits, retries and the protocol are not among them: what is safe for us is not the URL's to say."""

_SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})


class Shape(StrEnum):
    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class Host(NamedTuple):
    name: str
    port: int


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """*plain*: a URL of one server, with all that holds for each of them; its host counts for a single one only.

    *hosts*: the Sentinels to ask, or members of the Cluster; *service*: the name by which Sentinels know the master.
    """

    shape: Shape
    plain: str = field(repr=False)
    hosts: tuple[Host, ...] = ()
    service: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> "RedisUrl":
        """Raises ValueError that says what was expected, and never repeats *text*: it may hold a password."""
        scheme, separator, rest = text.partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in _SCHEMES:
            raise ValueError(f"expected a URL that starts with {' or '.join(f'{known}://' for known in _SCHEMES)}")
        secure, shape = _SCHEMES[scheme]
        if shape is Shape.SINGLE:
            return cls(shape, _one_server(text))
        place, _, query = rest.partition("?")
        authority, _, path = place.partition("/")
        credentials, at, members = authority.rpartition("@")
        hosts = _hosts(members, SENTINEL_PORT if shape is Shape.SENTINEL else REDIS_PORT)
        options = _options(query, _OPTIONS | (_SENTINEL_OPTIONS if shape is Shape.SENTINEL else frozenset()))
        own = {name: options.pop(name, None) for name in sorted(_SENTINEL_OPTIONS)}
        service, db = _service_and_db(path) if shape is Shape.SENTINEL else ("", _no_db(path, options))
        plain = f"{secure}://{credentials}{at}{_written(hosts[0])}{db}{'?' if options else ''}{urlencode(options)}"
        return cls(shape, plain, hosts, service, **own)

    @property
    def place(self) -> str:
        """For people: where it is, and nothing secret."""
        if self.hosts:
            return ",".join(map(_written, self.hosts))
        parts = urlsplit(self.plain)
        return parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]


_SCHEMES = {
    "redis": ("redis", Shape.SINGLE),
    "rediss": ("rediss", Shape.SINGLE),
    "unix": ("unix", Shape.SINGLE),
    "redis+sentinel": ("redis", Shape.SENTINEL),
    "rediss+sentinel": ("rediss", Shape.SENTINEL),
    "redis+cluster": ("redis", Shape.CLUSTER),
    "rediss+cluster": ("rediss", Shape.CLUSTER),
}


def _one_server(text: str) -> str:
    parts = urlsplit(text)
    try:
        if parts.scheme == "unix":
            has_place = bool(parts.path.strip("/"))
        else:
            has_place = len(_hosts(parts.netloc.rpartition("@")[2], REDIS_PORT)) == 1
    except ValueError:
        has_place = False
    if not has_place:
        raise ValueError("expected one host and its port, such as redis://127.0.0.1:6379, or unix:///path/redis.sock")
    _options(parts.query, _OPTIONS)
    return text


def _hosts(members: str, port: int) -> tuple[Host, ...]:
    return tuple(_host(member.strip(), port) for member in members.split(","))


def _host(text: str, default_port: int) -> Host:
    wrong = "expected hosts with commas between them, such as one:26379,two:26379 or [::1]:26379"
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if not name or parts.netloc != text:
        raise ValueError(wrong)
    return Host(unquote(name), default_port if port is None else port)


def _written(host: Host) -> str:
    return f"[{host.name}]:{host.port}" if ":" in host.name else f"{host.name}:{host.port}"


def _service_and_db(path: str) -> tuple[str, str]:
    service, slash, db = path.rstrip("/").partition("/")
    if not service or (slash and not (db.isascii() and db.isdigit())):
        raise ValueError("expected the name that the Sentinels know the master by: …/mymaster, or …/mymaster/0")
    return unquote(service), slash + db


def _no_db(path: str, options: dict[str, str]) -> str:
    if path.strip("/") not in ("", "0") or options.pop("db", "0") != "0":
        raise ValueError("a Cluster has one database only: leave out what follows the hosts")
    return ""


def _options(query: str, known: frozenset[str]) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in known:
            raise ValueError(f"there is no option {name!r} of a Redis URL; there are {', '.join(sorted(known))}")
    return options
