"""Connections that do not check who answers, or that send secrets in the clear."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.values import argument, is_constant
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import TLS_UNVERIFIED
from server.reviews.finding import Confidence, Severity

OLD_TLS = Rule(
    "hive.old-tls",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "SSL 3 and TLS before 1.2 are broken: somebody on the way can read or change the traffic.",
    327,
    ("S502", "S503"),
    in_tests=False,
    also=(326, 757),
    remedy="Leave the version to ssl.create_default_context(), or set minimum_version to TLS 1.2.",
)
CLEAR_TEXT = Rule(
    "hive.cleartext-secret",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "The password or token crosses the network readable for everyone on the way.",
    319,
    ("S321", "S312"),
    in_tests=False,
    also=(311, 523, 522),
    remedy="Use https, SFTP, SSH, or STARTTLS before logging in.",
)

_HTTP_CALLS = (
    *(
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "Session",
        "Client",
        "AsyncClient",
        "stream",
    ),
    *("ws_connect", "ClientSession"),
)
_HTTP_LIBRARIES = frozenset({"requests", "httpx", "aiohttp", "urllib3", "boto3", "botocore", "elasticsearch", "hvac"})


@check(
    TLS_UNVERIFIED,
    on=called(*_HTTP_CALLS, "TCPConnector", "PoolManager", "client", "resource", "HTTPTransport", "AsyncHTTPTransport"),
    bad=(
        "import requests\nrequests.get(url, verify=False)\n",
        "import requests\ns = requests.Session()\ns.post(url, verify=False)\n",
        "import httpx\nhttpx.AsyncClient(verify=False)\n",
        "import aiohttp\naiohttp.TCPConnector(ssl=False)\n",
        "import urllib3\nurllib3.PoolManager(cert_reqs='CERT_NONE')\n",
        "import boto3\nboto3.client('s3', verify=False)\n",
    ),
    good=(
        "import requests\nrequests.get(url, verify='/etc/ca.pem')\n",
        "import requests\nrequests.get(url)\n",
        "import mine\nmine.get(url, verify=False)\n",
        "import aiohttp\naiohttp.TCPConnector(ssl=context)\n",
    ),
)
def unverified_call(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not _HTTP_LIBRARIES & {module.partition(".")[0] for module in file.imports.values()}:
        return
    for keyword in call.keywords:
        off = keyword.arg in ("verify", "ssl", "verify_ssl") and is_constant(keyword.value, False)
        none = keyword.arg == "cert_reqs" and "CERT_NONE" in ast.unparse(keyword.value)
        if off or none:
            yield Hit(
                file.span(keyword), f"{keyword.arg}={ast.unparse(keyword.value)} turns off the check of certificates"
            )


@check(
    TLS_UNVERIFIED,
    on=(ast.keyword,),
    bad=(
        "es = Elasticsearch(host, verify_certs=False)\n",
        "MongoClient(url, tlsAllowInvalidCertificates=True)\n",
        "import ssl\nredis.Redis(ssl=True, ssl_cert_reqs=ssl.CERT_NONE)\n",
        "import ssl\nssl.wrap_socket(s, cert_reqs=ssl.CERT_NONE)\n",
        "import ssl\nfrom ldap3 import Tls\nTls(validate=ssl.CERT_NONE)\n",
    ),
    good=(
        "es = Elasticsearch(host, verify_certs=True)\n",
        "import ssl\nssl.wrap_socket(s, cert_reqs=ssl.CERT_REQUIRED)\n",
        "import urllib3\nurllib3.PoolManager(cert_reqs='CERT_NONE')\n",
    ),
)
def unverified_option(keyword: ast.keyword, file: PythonFile) -> Iterator[Hit]:
    name, value = keyword.arg or "", keyword.value
    off = name in ("verify_certs", "ssl_verify", "tls_verify", "ssl_verify_cert", "validate_cert") and is_constant(
        value, False
    )
    on = name in ("tlsAllowInvalidCertificates", "tlsInsecure", "ssl_no_verify") and is_constant(value, True)
    none = name in ("ssl_cert_reqs", "cert_reqs", "validate") and (
        file.dotted(value) == "ssl.CERT_NONE"
        or (name == "ssl_cert_reqs" and text_of_literal(value) in ("none", "CERT_NONE"))
    )
    if (off or on or none) and not _is_pool(keyword, file):
        yield Hit(file.span(keyword), f"{name} turns off the check of certificates")


@check(
    TLS_UNVERIFIED,
    on=(ast.Dict,),
    bad=("import requests\noptions = {'verify': False}\nrequests.get(url, **options)\n",),
    good=("import requests\noptions = {'verify': True}\n", "options = {'verify': False}\n"),
)
def unverified_options(node: ast.Dict, file: PythonFile) -> Iterator[Hit]:
    off = [
        value
        for key, value in zip(node.keys, node.values, strict=True)
        if is_constant(value, False) and text_of_literal(key) == "verify"
    ]
    if off and {"requests", "httpx"} & {module.partition(".")[0] for module in file.imports.values()}:
        yield Hit(file.span(off[0]), "verify=False turns off the check of certificates")


def _is_pool(keyword: ast.keyword, file: PythonFile) -> bool:
    """`unverified_call` speaks of it."""
    call = file.parents.get(keyword)
    return isinstance(call, ast.Call) and file.dotted(call.func).endswith("PoolManager") and keyword.arg == "cert_reqs"


@check(
    TLS_UNVERIFIED,
    on=(ast.Assign,),
    bad=(
        "import ssl\ncontext.verify_mode = ssl.CERT_NONE\n",
        "import ssl\nssl._create_default_https_context = ssl._create_unverified_context\n",
        "import requests\nsession = requests.Session()\nsession.verify = False\n",
        "import ssl\ncontext = ssl.create_default_context()\ncontext.check_hostname = False\n",
        "import os\nos.environ['PYTHONHTTPSVERIFY'] = '0'\n",
        "import os\nos.environ['CURL_CA_BUNDLE'] = ''\n",
        "configuration.verify_ssl = False\n",
        "import requests\nclass Api(requests.Session):\n    def __init__(self):\n        self.verify = False\n",
    ),
    good=(
        "import ssl\ncontext.verify_mode = ssl.CERT_REQUIRED\n",
        "import requests\nsession.verify = '/etc/ca.pem'\n",
        "self.verify = False\n",
        "import os\nos.environ['CURL_CA_BUNDLE'] = '/etc/ca.pem'\n",
    ),
)
def unverified_assignment(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    modules = {module.partition(".")[0] for module in file.imports.values()}
    for target in node.targets:
        name = target.attr if isinstance(target, ast.Attribute) else ""
        off = is_constant(node.value, False)
        if isinstance(target, ast.Attribute) and file.dotted(target.value) == "self":
            if name == "verify" and off and _is_in_session(node, file) and not _is_option(node, file):
                yield Hit(file.span(node), "The check of certificates is turned off", confidence=Confidence.MEDIUM)
            continue  # Else a wrapper of the option, not a use of it.
        mode = name == "verify_mode" and file.dotted(node.value) == "ssl.CERT_NONE"
        default = (
            name == "_create_default_https_context" and file.dotted(node.value) == "ssl._create_unverified_context"
        )
        hostname = name == "check_hostname" and off and "ssl" in modules and not _mode_follows(node, file)
        session = name == "verify" and off and "requests" in modules and "session" in file.text(target).lower()
        client = name == "verify_ssl" and off
        off = mode or default or hostname or session or client or _is_environment_off(target, node.value)
        if off and not _is_option(node, file):
            yield Hit(file.span(node), "The check of certificates is turned off", confidence=Confidence.MEDIUM)


def _is_in_session(node: ast.Assign, file: PythonFile) -> bool:
    """Whether `self` is a session of requests or a client of httpx itself."""
    around = (a for a in file.ancestors(node) if isinstance(a, ast.ClassDef))
    bases = [file.dotted(base) for cls in around for base in cls.bases]
    return any(base.startswith(("requests.", "httpx.", "requests_toolbelt.")) for base in bases)


_OPTION = re.compile(r"verif|insecure|cert|check|skip|ssl|tls|unsafe", re.IGNORECASE)


def _is_option(node: ast.Assign, file: PythonFile) -> bool:
    """`if not verify:` - whoever calls decides."""
    branches = (a for a in file.ancestors(node) if isinstance(a, ast.If))
    return any(_OPTION.search(ast.unparse(branch.test)) for branch in branches)


def _mode_follows(node: ast.Assign, file: PythonFile) -> bool:
    """`check_hostname = False` goes together with `verify_mode = CERT_NONE`, which tells of both."""
    following = file.source.line((node.end_lineno or node.lineno) + 1)
    return "verify_mode" in following and "CERT_NONE" in following


def _is_environment_off(target: ast.expr, value: ast.expr) -> bool:
    name = text_of_literal(target.slice) if isinstance(target, ast.Subscript) else None
    given = text_of_literal(value)
    return (name in ("PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED") and given == "0") or (
        name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE") and given == ""
    )


@check(
    TLS_UNVERIFIED,
    on=called("_create_unverified_context", "set_option"),
    bad=(
        "import ssl\nssl._create_unverified_context()\n",
        "import ldap\nldap.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)\n",
    ),
    good=("import ssl\nssl.create_default_context()\n", "import ldap\nldap.set_option(ldap.OPT_REFERRALS, 0)\n"),
)
def unverified_context(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if file.dotted(call.func) == "ssl._create_unverified_context":
        yield Hit(file.span(call), "A TLS context that checks nothing")
    elif any(file.dotted(given) == "ldap.OPT_X_TLS_NEVER" for given in call.args):
        yield Hit(file.span(call), "The certificate of the LDAP server is not checked")


@check(
    TLS_UNVERIFIED,
    on=called("set_missing_host_key_policy"),
    bad=(
        "import paramiko\ndef f(self):\n    self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n",
        "from paramiko.client import WarningPolicy\ndef f(self):\n"
        "    self.ssh.set_missing_host_key_policy(WarningPolicy)\n",
    ),
    good=("import paramiko\ndef f(self):\n    self.ssh.set_missing_host_key_policy(paramiko.RejectPolicy())\n",),
)
def unknown_host_key(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Of whatever holds the client; that of a local variable is ruff's S507."""
    given = call.args[0] if call.args else None
    policy = file.dotted(given.func if isinstance(given, ast.Call) else given) if given is not None else ""
    if policy.startswith("paramiko.") and policy.endswith(("AutoAddPolicy", "WarningPolicy")):
        yield Hit(file.span(call), "The key of an unknown host is taken without question")


_OLD = re.compile(
    r"^ssl\.(?:PROTOCOL_(?:SSLv[23]|TLSv1|TLSv1_1)|TLSVersion\.(?:SSLv3|TLSv1|TLSv1_1|MINIMUM_SUPPORTED))$"
)


@check(
    OLD_TLS,
    on=(ast.Assign, *called("SSLContext")),
    bad=(
        "import ssl\ncontext.minimum_version = ssl.TLSVersion.TLSv1\n",
        "import ssl\nssl.SSLContext(ssl.PROTOCOL_TLSv1)\n",
    ),
    good=(
        "import ssl\ncontext.minimum_version = ssl.TLSVersion.TLSv1_2\n",
        "import ssl\nssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n",
    ),
)
def old_tls(node: ast.Assign | ast.Call, file: PythonFile) -> Iterator[Hit]:
    if isinstance(node, ast.Call):
        given = argument(node, 0, "protocol") if file.dotted(node.func) == "ssl.SSLContext" else None
    else:
        target = node.targets[0]
        minimum = isinstance(target, ast.Attribute) and target.attr in ("minimum_version", "maximum_version")
        given = node.value if minimum else None
    if given is not None and _OLD.match(file.dotted(given)):
        yield Hit(file.span(given), "Broken versions of TLS are allowed")


_SECRETS = re.compile(r"passw|token|secret|credential|api_?key|auth(?!or)|\bcard|\bssn\b|login|signin", re.IGNORECASE)
_NEAR = re.compile(
    r"^http://(?:localhost|127\.|0\.0\.0\.0|\[?::1|192\.168\.|10\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|host\.docker|[\w-]+[:/]"
    r"|[\w-]+$|(?:[\w-]+\.)*(?:example|test|local|internal|invalid)\b|(?:www\.)?example\.|\{)"
)


@check(
    CLEAR_TEXT,
    on=called("post", "put", "request", "get"),
    bad=(
        "import requests\nrequests.post('http://api.acme.io/login', json={'password': password})\n",
        "import requests\nrequests.get('http://api.acme.io/v1', auth=(user, password))\n",
        "import requests\nURL = 'http://pay.acme.io/charge'\nrequests.post(URL, headers={'Authorization': token})\n",
    ),
    good=(
        "import requests\nrequests.post('https://api.acme.io/login', json={'password': password})\n",
        "import requests\nrequests.post('http://localhost:8000/login', json={'password': password})\n",
        "import requests\nrequests.get('http://acme.io/feed')\n",
        "import requests\nrequests.get('http://metadata.internal/token')\n",
        "import requests\nrequests.post('http://auth:8000/login', json={'password': password})\n",
    ),
)
def cleartext_request(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if file.dotted(call.func).partition(".")[0] not in ("requests", "httpx"):
        return
    url = argument(call, 1 if file.dotted(call.func).endswith(".request") else 0, "url")
    address = _address(url, file)
    sent = " ".join(file.text(k.value) for k in call.keywords if k.arg in ("json", "data", "headers", "auth", "params"))
    if not address.startswith("http://") or _NEAR.match(address):
        return
    if any(k.arg == "auth" for k in call.keywords) or _SECRETS.search(sent):
        yield Hit(file.span(call), "A secret is sent without TLS")


def _address(node: ast.expr | None, file: PythonFile) -> str:
    if isinstance(node, ast.Name):
        from_module = [text_of_literal(value) for value in _module_values(node.id, file)]
        return next((text for text in from_module if text), "")
    if isinstance(node, ast.JoinedStr) and node.values:
        return text_of_literal(node.values[0]) or ""
    return text_of_literal(node) or ""


def _module_values(name: str, file: PythonFile) -> Iterator[ast.expr]:
    for node in file.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value


@check(
    CLEAR_TEXT,
    on=called("login", "Telnet", "FTP", "initialize"),
    bad=(
        "import smtplib\nserver = smtplib.SMTP('mail.acme.io', 25)\nserver.login(user, password)\n",
        "import ftplib\nftp = ftplib.FTP('ftp.acme.io')\nftp.login(user, password)\n",
        "import smtplib\ndef f():\n    with smtplib.SMTP(host) as server:\n        server.login(user, password)\n"
        "def g():\n    with smtplib.SMTP_SSL(host) as server:\n        server.login(user, password)\n",
        "import telnetlib\ntelnetlib.Telnet(host)\n",
        "import ldap\nconnection = ldap.initialize('ldap://ldap.acme.io')\n",
        "import ftplib\nftplib.FTP(host, 'drop', password)\n",
    ),
    good=(
        "import smtplib\nserver = smtplib.SMTP('mail.acme.io', 587)\nserver.starttls()\nserver.login(user, password)\n",
        "import smtplib\nserver = smtplib.SMTP_SSL('mail.acme.io')\nserver.login(user, password)\n",
        "import ftplib\nftp = ftplib.FTP_TLS('ftp.acme.io')\nftp.login(user, password)\n",
        "client.login(user, password)\n",
        "import ldap\nconnection = ldap.initialize('ldaps://ldap.acme.io')\n",
        "import ldap\nconnection = ldap.initialize('ldap://ldap.acme.io')\nconnection.start_tls_s()\n",
        "import ldap\nconnection = ldap.initialize('ldap://localhost:389')\n",
    ),
)
def cleartext_login(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name == "telnetlib.Telnet":
        yield Hit(file.span(call), "Telnet sends everything in the clear")
        return
    if name == "ldap.initialize":
        address = text_of_literal(argument(call, 0, "uri")) or ""
        if re.match(r"ldap://(?!localhost|127\.)", address) and "start_tls" not in file.source.text:
            yield Hit(file.span(call), "The directory is asked, and told passwords, in the clear")
        return
    if name == "ftplib.FTP":
        if argument(call, 2, "passwd") is not None:
            yield Hit(file.span(call), "FTP sends the password in the clear")
        return
    if not name.endswith(".login") or len(call.args) + len(call.keywords) < 2:
        return
    function = file.function_of(call)
    own = file.text(function) if function is not None else ""
    text = own if "SMTP(" in own or "FTP(" in own else file.source.text
    smtp = re.search(r"smtplib\.SMTP\(|(?<!\w)SMTP\(", text) and "SMTP_SSL" not in text and "starttls" not in text
    ftp = re.search(r"ftplib\.FTP\(|(?<!\w)FTP\(", text) and "FTP_TLS" not in text
    modules = {module.partition(".")[0] for module in file.imports.values()}
    if (smtp and "smtplib" in modules) or (ftp and "ftplib" in modules):
        yield Hit(file.span(call), "The password is sent in the clear")


@check(
    CLEAR_TEXT,
    on=called("add_insecure_port", "insecure_channel"),
    bad=(
        "import grpc\nserver = grpc.server(pool)\nserver.add_insecure_port('[::]:50051')\n",
        "import grpc\nchannel = grpc.insecure_channel('files.acme.io:443')\n",
    ),
    good=(
        "import grpc\nserver = grpc.server(pool)\nserver.add_insecure_port('localhost:50051')\n",
        "import grpc\nchannel = grpc.insecure_channel(address)\n",
        "import grpc\nserver.add_secure_port('[::]:50051', credentials)\n",
    ),
)
def insecure_port(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Of gRPC, at an address that others reach."""
    address = text_of_literal(call.args[0]) if call.args else None
    is_grpc = any(module.partition(".")[0] == "grpc" for module in file.imports.values())
    if is_grpc and address and not re.match(r"localhost|127\.|\[::1\]|unix:", address):
        yield Hit(file.span(call), "Calls cross the network in the clear", severity=Severity.LOW)


CHECKS = (
    unverified_call,
    unverified_option,
    unverified_options,
    unverified_assignment,
    unverified_context,
    unknown_host_key,
    old_tls,
    cleartext_request,
    cleartext_login,
    insecure_port,
)
