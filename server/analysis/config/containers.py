"""How containers are started, by Compose and Kubernetes: rights over the host, open ports, doors without a password."""

import base64
import binascii
import re
from collections.abc import Iterator

from server.analysis.config.yaml_file import Entry, Shape, YamlFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.text.looks import PLACEHOLDER, Promise, is_value, promise_of
from server.reviews.finding import Confidence, Severity

RIGHTS_OVER_HOST = Rule(
    "hive.rights-over-host",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "Whoever breaks into the container has the host: its devices, its kernel or its Docker daemon.",
    250,
    in_tests=False,
    also=(269, 266, 668, 732, 284),
    remedy="Leave out privileged, host namespaces and docker.sock; add the one capability that is needed.",
)
OPEN_SERVICE = Rule(
    "hive.open-service",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Whoever reaches the port reads and changes everything: nobody is asked for a password.",
    306,
    in_tests=False,
    also=(287, 258, 284, 1188, 668),
    remedy="Set a password, and publish the port only where it is needed (`127.0.0.1:6379:6379`).",
)
WIDE_RIGHTS = Rule(
    "hive.wide-rights",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The role may do everything to everything: one stolen token is the whole cluster or account.",
    269,
    in_tests=False,
    also=(250, 266, 732, 284, 285, 272),
    remedy="List the resources and verbs that are needed.",
)

_DANGEROUS = {"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH", "NET_ADMIN_ALL"}
_UNCONFINED = re.compile(r"^(?:seccomp|apparmor)[:=]\s*unconfined$|^label[:=]\s*disable$", re.IGNORECASE)
_SOCKET = re.compile(r"(?:^|[\s\"'])(?:/var)?/run/(?:docker|containerd/containerd|crio/crio)\.sock")


def _is_true(entry: Entry | None) -> bool:
    return entry is not None and entry.value.lower() in ("true", "yes", "on")


@check(
    RIGHTS_OVER_HOST,
    on=(Shape.COMPOSE,),
    bad=(
        "services:\n  web:\n    image: app\n    privileged: true\n",
        "services:\n  web:\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n",
        "services:\n  web:\n    cap_add:\n      - SYS_ADMIN\n",
        "services:\n  web:\n    pid: host\n",
        "services:\n  web:\n    network_mode: host\n",
        "services:\n  web:\n    user: root\n",
        "services:\n  web:\n    security_opt:\n      - seccomp:unconfined\n",
        "services:\n  web:\n    volumes:\n      - /:/host\n",
    ),
    good=(
        "services:\n  web:\n    image: app\n    privileged: false\n",
        "services:\n  web:\n    volumes:\n      - data:/var/lib\n",
        "services:\n  web:\n    cap_add: [NET_BIND_SERVICE]\n",
        'services:\n  web:\n    user: "1000"\n    network_mode: bridge\n    security_opt: ["no-new-privileges:true"]\n',
        "services:\n  proxy:\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock:ro\n",
    ),
)
def compose_rights(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for service in _services(document):
        for entry in service.children:
            if entry.key == "privileged" and _is_true(entry):
                yield Hit(file.span(entry), f"{service.key} runs with all rights over the host")
            elif entry.key == "pid" and entry.value == "host":
                yield Hit(file.span(entry), f"{service.key} sees and signals the host's processes")
            elif entry.key == "user" and re.match(r"(?:root|0)(?::|$)", entry.value):
                yield Hit(file.span(entry), f"{service.key} runs as root", severity=Severity.LOW)
            elif entry.key == "network_mode" and entry.value == "host":
                yield Hit(file.span(entry), f"{service.key} shares the host's network", severity=Severity.LOW)
            elif entry.key == "security_opt":
                free = (item for item in entry.items() if _UNCONFINED.search(item.value))
                yield from (Hit(file.span(item), f"{service.key} may make any call to the kernel") for item in free)
            elif entry.key == "cap_add":
                wide = (item for item in entry.items() if item.value.upper().removeprefix("CAP_") in _DANGEROUS)
                yield from (Hit(file.span(item), f"{service.key} gets {item.value}") for item in wide)
            elif entry.key == "volumes":
                yield from _mounts(entry, service.key, file)


def _services(document: Entry) -> Iterator[Entry]:
    services = document.get("services")
    return iter(services.children if services is not None else ())


def _mounts(volumes: Entry, service: str, file: YamlFile) -> Iterator[Hit]:
    for item in volumes.items():
        mount = item.value or item.text("source")
        if _SOCKET.search(mount) and not mount.endswith(":ro"):
            yield Hit(file.span(item), f"{service} gets the Docker daemon, and with it the host")
        elif mount.split(":")[0] in ("/", "/etc", "/root"):
            yield Hit(file.span(item), f"{service} gets {mount.split(':')[0]} of the host")


_NO_PASSWORD = re.compile(
    r"^(?:MYSQL_ALLOW_EMPTY_PASSWORD|MARIADB_ALLOW_EMPTY_ROOT_PASSWORD|ALLOW_EMPTY_PASSWORD|MYSQL_ALLOW_EMPTY_ROOT_PASSWORD)"
    r"[=:\s]+[\"']?(?:yes|true|1)|^POSTGRES_HOST_AUTH_METHOD[=:\s]+[\"']?trust|^xpack\.security\.enabled[=:\s]+[\"']?false"
    r"|^DISABLE_SECURITY_PLUGIN[=:\s]+[\"']?true|^DISABLE_AUTH[=:\s]+[\"']?true",
    re.IGNORECASE,
)
_DATABASES = re.compile(
    r"(?:^|/)(?:redis|mongo|memcached|elasticsearch|couchdb|valkey|mysql|mariadb|postgres|postgresql|postgis|rabbitmq"
    r"|mssql|server|oracle\w*|cassandra|opensearch|adminer|phpmyadmin)(?::|@|$)"
)
_STORES = re.compile(r"(?:^|/)(?:redis|mongo|memcached|elasticsearch|couchdb|valkey)(?::|@|$)")
_NOT_LIVE = re.compile(
    r"(?:^|[/._-])(?:test|tests|ci|dev|development|local|e2e|devcontainer)(?:[/._-]|$)", re.IGNORECASE
)


@check(
    OPEN_SERVICE,
    on=(Shape.COMPOSE,),
    bad=(
        "services:\n  db:\n    image: mysql:8\n    environment:\n      MYSQL_ALLOW_EMPTY_PASSWORD: yes\n",
        "services:\n  db:\n    image: postgres:16\n    environment:\n      - POSTGRES_HOST_AUTH_METHOD=trust\n",
        'services:\n  cache:\n    image: redis:7\n    ports:\n      - "6379:6379"\n',
        'services:\n  db:\n    image: mongo\n    ports: ["27017:27017"]\n',
        "services:\n  cache:\n    image: redis:7\n    command: redis-server --protected-mode no\n",
        "services:\n  db:\n    image: mysql:8\n    environment:\n      MYSQL_ROOT_PASSWORD: ${PW}\n"
        '    ports: ["3306:3306"]\n',
    ),
    good=(
        'services:\n  cache:\n    image: redis:7\n    ports:\n      - "127.0.0.1:6379:6379"\n',
        "services:\n  cache:\n    image: redis:7\n    command: redis-server --requirepass x\n"
        '    ports:\n      - "127.0.0.1:6379:6379"\n',
        "services:\n  cache:\n    image: redis:7\n",
        "services:\n  db:\n    image: mongo\n    environment:\n      MONGO_INITDB_ROOT_PASSWORD: ${PW}\n"
        '    ports: ["127.0.0.1:27017:27017"]\n',
        'services:\n  web:\n    image: app\n    ports: ["80:80"]\n',
    ),
)
def open_service(document: Entry, file: YamlFile) -> Iterator[Hit]:
    if _NOT_LIVE.search(file.source.path):
        return
    for service in _services(document):
        environment = service.get("environment")
        settings = environment.children if environment is not None else []
        for setting in settings:
            if _NO_PASSWORD.search(f"{setting.key}={setting.value}" if setting.key else setting.value):
                yield Hit(file.span(setting), f"{service.key} asks nobody for a password")
        if re.search(r"protected-mode[\s\"',]+no\b", service.text("command")):
            yield Hit(file.span(service.children[0]), f"{service.key} asks nobody for a password")
        ports = service.get("ports")
        if ports is None or not _DATABASES.search(service.text("image")):
            continue
        published = [
            item for item in ports.items() if item.value and not item.value.startswith(("127.", "localhost", "$"))
        ]
        if not any(":" in item.value for item in published):
            continue
        if _STORES.search(service.text("image")) and not _has_password(service):
            yield Hit(file.span(published[0]), f"{service.key} is open to the network without a password")
        else:
            said = f"{service.key} is open to the network, where the other services alone need it"
            yield Hit(file.span(published[0]), said, severity=Severity.LOW, confidence=Confidence.LOW)


def _has_password(service: Entry) -> bool:
    return any(
        re.search(r"passw|requirepass|--auth|auth", f"{e.key} {e.value}", re.IGNORECASE) for e in service.below()
    )


_POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


@check(
    RIGHTS_OVER_HOST,
    on=(Shape.MANIFEST,),
    bad=(
        _POD + "    - name: a\n      securityContext:\n        privileged: true\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n",
        _POD + '    - name: a\n      securityContext:\n        capabilities:\n          add: ["SYS_ADMIN"]\n',
        "apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n    - hostPath:\n        path: /var/run/docker.sock\n",
    ),
    good=(
        _POD + "    - name: a\n      securityContext:\n        privileged: false\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n    - name: d\n      hostPath:\n        path: /data\n",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  privileged: true\n",
    ),
)
def manifest_rights(document: Entry, file: YamlFile) -> Iterator[Hit]:
    if document.text("kind") not in _WORKLOADS:
        return
    for entry in document.below():
        if entry.key in ("privileged", "allowPrivilegeEscalation") and _is_true(entry):
            yield Hit(file.span(entry), "The container runs with rights over the host")
        elif entry.key == "add" and any(item.value.upper() in _DANGEROUS for item in entry.items()):
            yield Hit(file.span(entry), "The container may do what only the host's root may")
        elif entry.key in ("hostNetwork", "hostPID", "hostIPC") and _is_true(entry):
            yield Hit(file.span(entry), f"{entry.key}: the pod shares the host's namespace")
        elif entry.key == "path" and (_SOCKET.search(" " + entry.value) or entry.value == "/"):
            yield Hit(file.span(entry), f"The pod gets {entry.value} of the host")
        elif entry.key == "runAsUser" and entry.value == "0":
            yield Hit(file.span(entry), "The container runs as root", severity=Severity.LOW)


@check(
    RIGHTS_OVER_HOST,
    on=(Shape.OTHER,),
    bad=(
        "image: app\nreplicaCount: 2\nsecurityContext:\n  privileged: true\n",
        "podSecurityContext:\n  runAsNonRoot: false\n",
        "hostNetwork: true\nresources: {}\n",
    ),
    good=("securityContext:\n  privileged: false\n  runAsNonRoot: true\n", "privileged: true\n"),
)
def chart_rights(document: Entry, file: YamlFile) -> Iterator[Hit]:
    """In the values of a chart, from which manifests are made."""
    for entry in document.below():
        if entry.key.lower().endswith("securitycontext"):
            for inner in entry.below():
                if inner.key in ("privileged", "allowPrivilegeEscalation") and _is_true(inner):
                    yield Hit(file.span(inner), "The container runs with rights over the host")
                elif (inner.key == "runAsNonRoot" and inner.value.lower() == "false") or (
                    inner.key == "runAsUser" and inner.value == "0"
                ):
                    yield Hit(file.span(inner), "The container may run as root", severity=Severity.LOW)
        elif entry.key in ("hostNetwork", "hostPID", "hostIPC") and _is_true(entry):
            yield Hit(file.span(entry), f"{entry.key}: the pod shares the host's namespace")


_WORKLOADS = frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"})


@check(
    WIDE_RIGHTS,
    on=(Shape.MANIFEST,),
    bad=(
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules:\n  - apiGroups: ["*"]\n'
        '    resources: ["*"]\n    verbs: ["*"]\n',
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nroleRef:\n  kind: ClusterRole\n"
        "  name: cluster-admin\nsubjects:\n  - kind: ServiceAccount\n    name: default\n",
    ),
    good=('apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules:\n  - resources: ["pods"]\n    verbs: ["*"]\n',),
)
def wide_rights(document: Entry, file: YamlFile) -> Iterator[Hit]:
    if document.text("kind") in ("ClusterRole", "Role"):
        rules = document.get("rules")
        for rule in rules.items() if rules is not None else ():
            parts = [rule.get(key) for key in ("resources", "verbs")]
            if all(part is not None and any(item.value == "*" for item in part.children) for part in parts):
                yield Hit(file.span(rule), "The role may do everything")
    elif document.text("kind") == "ClusterRoleBinding":
        role = document.at("roleRef", "name")
        subjects = document.get("subjects")
        default = subjects is not None and any(
            entry.key == "name" and entry.value in ("default", "system:anonymous", "system:authenticated")
            for entry in subjects.below()
        )
        if role is not None and role.value == "cluster-admin" and default:
            yield Hit(file.span(role), "Everyone is administrator of the cluster")


@check(
    HARDCODED_PASSWORD,
    on=(Shape.MANIFEST,),
    bad=(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: aHVudGVyMiE=\n",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2\n",
        _POD + "    - env:\n        - name: DB_PASSWORD\n          value: rootpw\n",
    ),
    good=(
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: ${PASSWORD}\n",
        "apiVersion: v1\nkind: Secret\ndata:\n  password: {{ .Values.password | b64enc }}\n",
        _POD + "    - env:\n        - name: DB_PASSWORD\n          valueFrom:\n"
        "            secretKeyRef:\n              name: db\n",
        "apiVersion: v1\nkind: Secret\nstringData:\n  username: admin\n",
    ),
)
def secret_in_manifest(document: Entry, file: YamlFile) -> Iterator[Hit]:
    if re.search(r"example|sample|test", file.source.path, re.IGNORECASE):
        return
    if document.text("kind") == "Secret":
        for entry in _held_secrets(document):
            yield Hit(file.span(entry), "A secret of the cluster stands in the repository", evidence=f"{entry.key}: …")
    for entry in document.below():
        name, given = entry.text("name"), entry.get("value")
        if given is not None and promise_of(name) >= Promise.PASSWORD and is_value(given.value):
            yield Hit(file.span(given), f"The value of {name} stands in the manifest", evidence=f"{name}: …")


def _held_secrets(document: Entry) -> Iterator[Entry]:
    for part in ("data", "stringData"):
        held = document.get(part)
        for entry in held.children if held is not None else ():
            value = _decoded(entry.value) if part == "data" else entry.value
            if promise_of(entry.key) > Promise.NOTHING and is_value(value) and not PLACEHOLDER.search(value):
                yield entry


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


CHECKS = (compose_rights, open_service, manifest_rights, chart_rights, wide_rights, secret_in_manifest)
