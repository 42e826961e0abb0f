"""What can be set, from the environment and from `hive.toml` in the data directory; read once, at start.

Says everything that is wrong at once. Connects to nothing: whether the servers named here answer is `hive doctor`'s.
"""

import difflib
import hmac
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn
from urllib.parse import urlsplit

from server import faults
from server.data_directory import default_data_directory
from server.errors import ConfigurationInvalid
from server.redis_url import RedisUrl

MAX_DIMENSION = 3072
"""What a page of Postgres has room for, of numbers of two bytes."""

_NOT_IN_SANDBOX = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "work")
"""First folders of what a sandbox has itself, or must not show."""

ROLES_WITH_REDIS_URL = ("door", "orchestrator", "agent", "effects")
"""A role's own Redis URL, with its ACL user: REDIS_URL_DOOR and so on; else REDIS_URL."""


class Secret:
    """A text that shows itself only to who asks by name: never in a log, a repr, a traceback or a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is handed over on purpose, with reveal()")


class Address(NamedTuple):
    """Where a door listens. Port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


DEFAULT_HTTP = Address("127.0.0.1", 8642)
DEFAULT_LSP = Address("127.0.0.1", 8643)


@dataclass(frozen=True)
class Settings:
    """All of them, checked. URLs of databases stay out of the repr: they may hold a password."""

    data_dir: Path
    http: Address = DEFAULT_HTTP
    lsp: Address = DEFAULT_LSP
    https: Address | None = None
    """Where the HTTP door, with the editors' websocket, also listens behind TLS; None: nowhere."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    redis_role_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    github_app_id: int | None = None
    github_private_key: Secret | None = None
    github_webhook_secrets: tuple[Secret, ...] = ()
    github_api_url: str = "https://api.github.com"
    anthropic_api_key: Secret | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    model: str | None = None
    """The strong one; None: what `server/agents/settings.py` names."""
    fast_model: str | None = None
    thinkers: Literal["own", "elsewhere"] = "own"
    """Whether the processes that think are the hub's children, or run beside it and hold the model's key themselves."""
    sandbox_paths: tuple[Path, ...] = ()
    """Folders with what the tests of repositories need, beside the system's programs: any test can read them."""
    budget_job: float = 2.0
    """In US dollars, as the next two; days are UTC's."""
    budget_project_day: float = 25.0
    budget_day: float = 100.0
    embedder: str | None = None
    """The address of an embedder elsewhere; None: ours, which needs none."""
    embedder_model: str | None = None
    embedder_dimension: int | None = None
    embedder_key: Secret | None = None
    ide_commands: tuple[tuple[str, ...], ...] = ()
    """What programs may run in editors, where the person there agrees."""
    log: Literal["json", "console"] = "console"
    sleep_after_seconds: float = 300.0
    """Without work for so long, an agent falls asleep."""
    keys_dir: Path | None = None

    @property
    def thinks(self) -> bool:
        """There is a model, wherever its key is."""
        return self.anthropic_api_key is not None or self.thinkers == "elsewhere"

    @property
    def keys(self) -> Path:
        """Where the keys that seal messages lie: hubs that share their engines share it too."""
        return self.keys_dir or self.data_dir / "keys"

    @classmethod
    def load(cls, env: Mapping[str, str]) -> "Settings":
        """Read `hive.toml`, let the environment win, check all. Raises `ConfigurationInvalid` listing every error."""
        data_dir = default_data_directory(env)
        given = _Given(env, data_dir / "hive.toml")
        values = {setting.field: given.read(setting) for setting in _SETTINGS}
        role_urls = {role: given.read(setting) for role, setting in _ROLE_URLS.items()}
        values["redis_role_urls"] = {role: url for role, url in role_urls.items() if url is not None}
        _check_together(values, given.errors)
        private = [data_dir, *([Path(env["HOME"])] if env.get("HOME") else [])]
        for path in values["sandbox_paths"] or ():
            if data_dir in path.parents or any(path in (kept, *kept.parents) for kept in private):
                given.errors.append("HIVE_SANDBOX_PATHS: tests would see the data directory, or a whole home")
        if given.errors:
            raise ConfigurationInvalid(_list(given.errors), hint=f"settings come from the environment and {given.file}")
        return cls(data_dir=data_dir, **{name: value for name, value in values.items() if value is not None})


@dataclass(frozen=True)
class _Setting:
    """*parse* raises ValueError saying what was expected; its message never repeats the value, which may be secret."""

    variable: str
    key: str
    field: str
    parse: Callable[[str], Any]


class _Given:
    """What the environment and the file say. Collects errors instead of raising them."""

    def __init__(self, env: Mapping[str, str], file: Path) -> None:
        self.file = file
        self.errors: list[str] = []
        self._env = env
        self._table = self._read_file()
        self._refuse_misspelt()
        self._refuse_faults()

    def read(self, setting: _Setting) -> Any:
        """The parsed value, None when absent or wrong. Empty in the environment is absent: compose files pass it so."""
        place, text = self._find(setting)
        if text is None:
            return None
        try:
            return setting.parse(text.strip())
        except ValueError as error:
            self.errors.append(f"{place}: {error}")
            return None

    def _find(self, setting: _Setting) -> tuple[str, str | None]:
        text = self._env.get(setting.variable, "")
        if text.strip():
            return setting.variable, text
        place = f"{setting.key} in {self.file.name}"
        value = self._table.get(setting.key)
        if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
            return place, None if value is None else str(value)
        self.errors.append(f"{place}: expected a string or a number")
        return place, None

    def _read_file(self) -> dict[str, Any]:
        try:
            table = tomllib.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError) as error:
            self.errors.append(f"{self.file}: {error}")
            return {}
        for key in table.keys() - _KEYS:
            near = difflib.get_close_matches(key.lower().removeprefix("hive_"), _KEYS, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            self.errors.append(f"{key} in {self.file.name}: there is no such setting{meant}")
        return table

    def _refuse_misspelt(self) -> None:
        """Only what is almost a name of ours: other programs call theirs HIVE_ too, and so does our compose file."""
        for name, text in self._env.items():
            if name.startswith("HIVE_") and name not in _KNOWN_VARIABLES and text.strip():
                for near in difflib.get_close_matches(name, _KNOWN_VARIABLES, n=1, cutoff=0.8):
                    self.errors.append(f"{name}: there is no such setting; did you mean {near}?")

    def _refuse_faults(self) -> None:
        if self._env.get(faults.VARIABLE):
            self.errors.append(f"{faults.VARIABLE}: lets a process die on purpose, which only tests may ask for")


def _list(errors: list[str]) -> str:
    if len(errors) == 1:
        return errors[0]
    return "\n  ".join([f"{len(errors)} settings are wrong:", *errors])


def _check_together(values: Mapping[str, Any], errors: list[str]) -> None:
    if values["github_app_id"] is not None and values["github_private_key"] is None:
        _miss(errors, "GITHUB_PRIVATE_KEY", "GITHUB_APP_ID")
    if values["github_private_key"] is not None and values["github_app_id"] is None:
        _miss(errors, "GITHUB_APP_ID", "GITHUB_PRIVATE_KEY")
    named = {name: values[f"embedder{name}"] is not None for name in ("", "_model", "_dimension")}
    if any(named.values()) and not all(named.values()):
        absent = ", ".join(f"HIVE_EMBEDDER{name.upper()}" for name, is_there in named.items() if not is_there)
        errors.append(f"{absent}: missing; an embedder is an address, a model and its dimension")
    of_tls = {"HIVE_HTTPS": "https", "HIVE_TLS_CERT": "tls_cert", "HIVE_TLS_KEY": "tls_key"}
    given = [variable for variable, field in of_tls.items() if values[field] is not None]
    if given and len(given) < len(of_tls):
        missing_too = ", ".join(sorted(of_tls.keys() - set(given)))
        errors.append(f"{missing_too}: missing, but {given[0]} is set; TLS needs an address, a certificate and its key")
    if values["redis_role_urls"] and values["redis_url"] is None:
        missing = set(ROLES_WITH_REDIS_URL) - values["redis_role_urls"].keys()
        if missing:
            names = ", ".join(f"REDIS_URL_{role.upper()}" for role in sorted(missing))
            errors.append(f"REDIS_URL: missing, and so are {names}; every role needs one")


def _miss(errors: list[str], missing: str, given: str) -> None:
    if not any(error.startswith((missing, missing.lower())) for error in errors):
        errors.append(f"{missing}: missing, but {given} is set; a GitHub App needs both")


def _address(text: str) -> Address:
    wrong = "expected host:port, such as 127.0.0.1:8642"
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if not host or port is None or parts.netloc != text or "@" in text:
        raise ValueError(wrong)
    return Address(host, port)


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            has_place = bool(parts.netloc or parts.path.strip("/") or parts.query)
            _ = parts.port  # raises when it is no port
        except ValueError:
            has_place = False
        if not has_place or parts.scheme not in schemes:
            raise ValueError(f"expected a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text

    return parse


def _base_url(text: str) -> str:
    return _url("https", "http")(text).rstrip("/")


def _app_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ValueError("expected the App's number, from its settings page on GitHub")
    return int(text)


def _private_key(text: str) -> Secret:
    """PEM text (newlines may be written as \\n, as one-line .env files need), or the path of a file with it."""
    pem = text.replace("\\n", "\n")
    if "-----BEGIN" not in pem:
        try:
            pem = Path(text).expanduser().read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise ValueError("expected a private key in PEM, or the path of a readable file with one") from None
    if "PRIVATE KEY-----" not in pem:
        raise ValueError("this is PEM, but not a private key")
    return Secret(pem.strip() + "\n")


def _webhook_secrets(text: str) -> tuple[Secret, ...]:
    secrets = [part.strip() for part in text.split(",")]
    if not all(secrets) or len(secrets) > 2:
        raise ValueError("expected one secret, or two with a comma between: current, previous")
    return tuple(Secret(secret) for secret in secrets)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86400 * 366:
        raise ValueError("expected a number of seconds")
    return seconds


def _dollars(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1_000_000:
        raise ValueError("expected an amount of US dollars, such as 2.50")
    return amount


def _dimension(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 2 <= int(text) <= MAX_DIMENSION:
        raise ValueError(f"expected how many numbers a vector of the model has, at most {MAX_DIMENSION}")
    return int(text)


def _commands(text: str) -> tuple[tuple[str, ...], ...]:
    """`make test; pytest *`: each a program and its arguments, in a shell's quotes."""
    try:
        commands = [tuple(shlex.split(entry)) for entry in text.split(";")]
    except ValueError:
        raise ValueError("expected commands with ; between, such as: make test; pytest *") from None
    if any(command[:1] == ("*",) for command in commands):
        raise ValueError("expected commands that begin with a program, not with *")
    return tuple(command for command in commands if command)


def _model(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:/@-]{1,200}", text):
        raise ValueError("expected the name of a model, such as claude-opus-5-5")
    return text


def _absolute_path(text: str) -> Path:
    directory = Path(text).expanduser()
    if not directory.is_absolute():
        raise ValueError("expected an absolute path")
    return directory


def _thinkers(text: str) -> str:
    if text not in ("own", "elsewhere"):
        raise ValueError("expected own or elsewhere")
    return text


def _sandbox_paths(text: str) -> tuple[Path, ...]:
    paths = tuple(Path(part) for part in text.split(":"))
    for path in paths:
        if not path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or path.parts[1] in _NOT_IN_SANDBOX:
            raise ValueError(
                f"expected absolute paths with : between, such as /opt/tests; none below {', '.join(_NOT_IN_SANDBOX)}"
            )
    return paths


def _log(text: str) -> str:
    if text not in ("json", "console"):
        raise ValueError("expected json or console")
    return text


def _redis_url(text: str) -> str:
    RedisUrl.parse(text)
    return text


_SETTINGS = (
    _Setting("HIVE_HTTP", "http", "http", _address),
    _Setting("HIVE_LSP", "lsp", "lsp", _address),
    _Setting("HIVE_HTTPS", "https", "https", _address),
    _Setting("HIVE_TLS_CERT", "tls_cert", "tls_cert", _absolute_path),
    _Setting("HIVE_TLS_KEY", "tls_key", "tls_key", _absolute_path),
    _Setting("DATABASE_URL", "database_url", "database_url", _url("postgresql", "postgres")),
    _Setting("REDIS_URL", "redis_url", "redis_url", _redis_url),
    _Setting("GITHUB_APP_ID", "github_app_id", "github_app_id", _app_id),
    _Setting("GITHUB_PRIVATE_KEY", "github_private_key", "github_private_key", _private_key),
    _Setting("GITHUB_WEBHOOK_SECRET", "github_webhook_secret", "github_webhook_secrets", _webhook_secrets),
    _Setting("GITHUB_API_URL", "github_api_url", "github_api_url", _base_url),
    _Setting("ANTHROPIC_API_KEY", "anthropic_api_key", "anthropic_api_key", Secret),
    _Setting("ANTHROPIC_BASE_URL", "anthropic_base_url", "anthropic_base_url", _base_url),
    _Setting("HIVE_MODEL", "model", "model", _model),
    _Setting("HIVE_MODEL_FAST", "model_fast", "fast_model", _model),
    _Setting("HIVE_THINKERS", "thinkers", "thinkers", _thinkers),
    _Setting("HIVE_SANDBOX_PATHS", "sandbox_paths", "sandbox_paths", _sandbox_paths),
    _Setting("HIVE_BUDGET_JOB", "budget_job", "budget_job", _dollars),
    _Setting("HIVE_BUDGET_PROJECT_DAY", "budget_project_day", "budget_project_day", _dollars),
    _Setting("HIVE_BUDGET_DAY", "budget_day", "budget_day", _dollars),
    _Setting("HIVE_EMBEDDER", "embedder", "embedder", _url("https", "http")),
    _Setting("HIVE_EMBEDDER_MODEL", "embedder_model", "embedder_model", _model),
    _Setting("HIVE_EMBEDDER_DIMENSION", "embedder_dimension", "embedder_dimension", _dimension),
    _Setting("HIVE_EMBEDDER_KEY", "embedder_key", "embedder_key", Secret),
    _Setting("HIVE_IDE_COMMANDS", "ide_commands", "ide_commands", _commands),
    _Setting("HIVE_LOG", "log", "log", _log),
    _Setting("HIVE_SLEEP_AFTER", "sleep_after", "sleep_after_seconds", _seconds),
    _Setting("HIVE_KEYS", "keys", "keys_dir", _absolute_path),
)

_ROLE_URLS = {
    role: _Setting(f"REDIS_URL_{role.upper()}", f"redis_url_{role}", "", _redis_url) for role in ROLES_WITH_REDIS_URL
}

_KEYS = {setting.key for setting in (*_SETTINGS, *_ROLE_URLS.values())}

VARIABLES = ("HIVE_DATA", *(setting.variable for setting in (*_SETTINGS, *_ROLE_URLS.values())))
"""Every name the environment may set."""

_KNOWN_VARIABLES = (*VARIABLES, "HIVE_URL", "HIVE_TOKEN")
"""Also those that name a hub elsewhere: commands read them, a hub does not."""
