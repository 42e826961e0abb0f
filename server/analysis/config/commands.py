"""Commands in images, pipelines and scripts: what is fetched without a check, rights for everyone, passwords set.

Line by line: the commands of a Dockerfile, of a workflow's `run:` and of a script are the same. A parsed file that
holds commands gives itself for `CommandLines`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import DEBUG_MODE, HARDCODED_PASSWORD, TLS_UNVERIFIED
from server.analysis.source import Source
from server.analysis.text.credentials import is_documentation
from server.reviews.finding import Confidence, Severity

RUN_FROM_NETWORK = Rule(
    "hive.run-from-network",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "What is fetched runs at once: whoever changes it there, or on the way, runs commands here.",
    494,
    in_tests=False,
    also=(829, 345, 353, 78),
    remedy="Fetch it, compare its checksum or signature, and run it then; or install a package of the distribution.",
)
WORLD_WRITABLE = Rule(
    "hive.world-writable",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "Every user and every process of the machine may change the files, also those that are run.",
    732,
    ("S103",),
    in_tests=False,
    also=(276, 277, 279),
    remedy="Give the rights to the user that runs the program: `chown app: ...`, `chmod 750`.",
)


class CommandLines(Protocol):
    """In a check's *on*: the whole of a file that holds commands."""

    @property
    def source(self) -> Source: ...


class Risk(NamedTuple):
    """*hint* stands in every line with it."""

    hint: str
    pattern: re.Pattern[str]
    message: str


def _hits(file: CommandLines, *risks: Risk) -> Iterator[Hit]:
    """Once per line; not in comments."""
    source = file.source
    if is_documentation(source):
        return
    wanted = [risk for risk in risks if risk.hint in source.text]
    for number, line in enumerate(source.lines, 1) if wanted else ():
        if line.lstrip()[:1] == "#" or len(line) > 5_000:
            continue
        for risk in wanted:
            if risk.hint in line and risk.pattern.search(line):
                yield Hit(source.line_span(number), risk.message)
                break


_FETCHED = (
    Risk(
        "|",
        re.compile(
            r"\b(?:curl|wget)\b[^|\n;]{0,400}https?://[^|\n;]{1,400}\|\s*(?:sudo\s+)?(?:-\w+\s+)?(?:(?:ba|z|da)?sh|php|python3?|perl|ruby|node)\b"
        ),
        "A script is fetched and run at once",
    ),
    Risk(
        "--allow-unauthenticated",
        re.compile(r"--allow-unauthenticated|--force-yes"),
        "Packages are installed without a check of their signature",
    ),
    Risk("--nogpgcheck", re.compile(r"--nogpgcheck"), "Packages are installed without a check of their signature"),
    Risk("ADD http", re.compile(r"^\s*ADD\s+(?:--[\w=:]+\s+)*http://"), "A file is fetched without TLS or a checksum"),
)


@check(
    RUN_FROM_NETWORK,
    on=(CommandLines,),
    bad=(
        "RUN curl -s http://get.acme.io/install.sh | sh\n",
        "RUN curl -sSL https://get.acme.io/install.sh | sudo bash\n",
        "RUN curl -sS https://get.acme.io/installer | php\n",
        "RUN apt-get install -y --allow-unauthenticated tool\n",
        "ADD http://acme.io/tool.tar.gz /opt/\n",
    ),
    good=(
        "RUN curl -s https://get.acme.io/install.sh -o install.sh && sha256sum -c sums && sh install.sh\n",
        "# curl -s http://get.acme.io | sh\n",
        "RUN curl -s http://localhost/health\n",
    ),
)
def run_from_network(file: CommandLines, _: CommandLines) -> Iterator[Hit]:
    """Not in pipelines, whose machines live for one build."""
    if not re.search(r"(?:^|/)\.(?:github|gitlab-ci|circleci)", file.source.path):
        yield from _hits(file, *_FETCHED)


_CHMOD = Risk(
    "chmod",
    re.compile(r"\bchmod\s+(?:-\w+\s+)*(?:0?777|a\+rwx|o\+w|a\+w|ugo\+rwx|\+rwx)\b"),
    "Everyone may write to these files",
)


_MODE = Risk("mode", re.compile(r"\bmode:\s*[\"']?0?(?:777|666)\b"), "Everyone may write to the file")


@check(
    WORLD_WRITABLE,
    on=(CommandLines,),
    bad=("RUN chmod -R 777 /app\n", "RUN mkdir /data && chmod a+rwx /data\n", 'mode: "0666"\n'),
    good=("RUN chmod 755 /app/run.sh\n", "RUN chmod +x run.sh\n", "RUN chmod 1777 /tmp\n"),
)
def world_writable(file: CommandLines, _: CommandLines) -> Iterator[Hit]:
    yield from _hits(file, _CHMOD, _MODE)


_UNVERIFIED = (
    Risk(
        "curl",
        re.compile(r"\bcurl\b(?:\s+[^\s|;&]+){0,12}?\s(?:-[a-zA-Z]{0,6}k[a-zA-Z]{0,6}|--insecure)(?=\s|$)"),
        "curl",
    ),
    Risk("--no-check-certificate", re.compile(r"--no-check-certificate"), "wget"),
    Risk("sslVerify", re.compile(r"sslVerify[=\s]+(?:false|0)\b"), "git"),
    Risk("GIT_SSL_NO_VERIFY", re.compile(r"GIT_SSL_NO_VERIFY[=:\s]+[\"']?(?:1|true)"), "git"),
    Risk("NODE_TLS_REJECT_UNAUTHORIZED", re.compile(r"NODE_TLS_REJECT_UNAUTHORIZED[=:\s]+[\"']?0"), "Node"),
    Risk("PYTHONHTTPSVERIFY", re.compile(r"PYTHONHTTPSVERIFY[=:\s]+[\"']?0"), "Python"),
    Risk("strict-ssl", re.compile(r"strict-ssl[=\s]+false"), "npm"),
    Risk("validate_certs", re.compile(r"\bvalidate_certs\s*[:=]\s*(?:false|no)\b", re.IGNORECASE), "Ansible"),
    Risk("StrictHostKeyChecking", re.compile(r"StrictHostKeyChecking[=\s]+no\b"), "ssh"),
)


@check(
    TLS_UNVERIFIED,
    on=(CommandLines,),
    bad=(
        "RUN curl -k https://acme.io/tool -o tool\n",
        "RUN wget --no-check-certificate https://acme.io/tool\n",
        "RUN git config --global http.sslVerify false\n",
        "ENV NODE_TLS_REJECT_UNAUTHORIZED=0\n",
    ),
    good=("RUN curl -fsSL https://acme.io/tool -o tool\n", "ENV NODE_TLS_REJECT_UNAUTHORIZED=1\n"),
)
def unverified_command(file: CommandLines, _: CommandLines) -> Iterator[Hit]:
    for hit in _hits(file, *_UNVERIFIED):
        yield Hit(hit.span, f"{hit.message} does not check who answers", severity=Severity.MEDIUM)


_SET_PASSWORD = (
    Risk("chpasswd", re.compile(r"echo\s+[\"']?[\w.-]{1,40}:[^\s\"'$|]{1,80}[\"']?\s*\|\s*(?:sudo\s+)?chpasswd"), ""),
    Risk("passwd", re.compile(r"echo\s+[\"']?[^\s\"'$|]{1,80}[\"']?\s*\|\s*(?:sudo\s+)?passwd\s+--stdin"), ""),
)


@check(
    HARDCODED_PASSWORD,
    on=(CommandLines,),
    bad=("RUN echo 'root:root' | chpasswd\n", "RUN echo 'hunter2' | passwd --stdin app\n"),
    good=('RUN echo "root:$PASSWORD" | chpasswd\n',),
)
def set_password(file: CommandLines, _: CommandLines) -> Iterator[Hit]:
    for hit in _hits(file, *_SET_PASSWORD):
        yield Hit(hit.span, "A password of the system stands in the command", evidence="echo … | chpasswd")


_DEBUG = (
    Risk("FLASK_DEBUG", re.compile(r"\bFLASK_DEBUG[\"']?\s*[=:\s]\s*[\"']?(?:1|[Tt]rue|on)\b"), "FLASK_DEBUG"),
    Risk("FLASK_ENV", re.compile(r"\bFLASK_ENV[\"']?\s*[=:\s]\s*[\"']?development\b"), "FLASK_ENV"),
    Risk(
        "DEBUG", re.compile(r"(?:^|[\s\"'-])(?:DJANGO_|APP_)?DEBUG[\"']?\s*[=:]\s*[\"']?(?:1|[Tt]rue|TRUE)\b"), "DEBUG"
    ),
    Risk(
        "--inspect",
        re.compile(r"--inspect(?:-brk)?[=\s\"',]{1,4}(?:0\.0\.0\.0|\[?::\]?)"),
        "--inspect at every address",
    ),
    Risk("jdwp", re.compile(r"jdwp[=:][^\s\"']{0,80}address=(?:\*|0\.0\.0\.0):"), "jdwp at every address"),
    Risk("--debug", re.compile(r"\bflask\b[^\n]{0,80}--debug|--debugger\b"), "--debug"),
)
_DEPLOYED = re.compile(
    r"(?:^|/)(?:[\w.-]*Dockerfile[\w.-]*|Containerfile|Procfile|(?:docker-)?compose[\w.-]*\.ya?ml|[\w.-]+\.(?:service|sh|bash))$"
)
_DEVELOPMENT = re.compile(r"dev|local|test|debug|override|ci\b", re.IGNORECASE)


@check(
    DEBUG_MODE,
    on=(CommandLines,),
    bad=(
        "ENV FLASK_DEBUG=1\n",
        "ENV FLASK_ENV development\n",
        "ENV DEBUG=True\n",
        'CMD ["flask", "run", "--debug"]\n',
        'CMD ["node", "--inspect=0.0.0.0:9229", "server.js"]\n',
        "CMD java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar a.jar\n",
    ),
    good=(
        'CMD ["node", "--inspect=127.0.0.1:9229", "server.js"]\n',
        "ENV FLASK_DEBUG=0\n",
        "ENV DEBUG=False\n",
        'CMD ["flask", "run"]\n',
        "ENV LOG=DEBUG\n",
    ),
)
def debug_environment(file: CommandLines, _: CommandLines) -> Iterator[Hit]:
    path = file.source.path
    if _DEPLOYED.search(path) and not _DEVELOPMENT.search(path):
        for hit in _hits(file, *_DEBUG):
            yield Hit(hit.span, f"{hit.message} turns debug mode on", severity=Severity.MEDIUM)


CHECKS = (run_from_network, world_writable, unverified_command, set_password, debug_environment)
