"""Node itself: programs, files, connections, and the packages that stand in for them."""

from server.analysis.flow.models import Danger, Guard, Model, Returns, Sanitizer, Sink, Through, When
from server.analysis.javascript.models.names import methods, under
from server.analysis.rules import CODE_FROM_TEXT, PATH_FROM_REQUEST, SHELL_COMMAND, URL_FROM_REQUEST
from server.reviews.finding import Confidence, Severity

_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "zsh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh")

_COMMANDS: tuple[Model, ...] = (
    Sink(
        (
            *under("child_process", "exec execSync"),
            *("shelljs.exec", "execa.command", "execa.commandSync", "execa.execaCommand", "execa.execaCommandSync"),
            *("cross-spawn.exec", "node-cmd.run", "node-cmd.get", "node-cmd.runSync", "child-process-promise.exec"),
            *("node-pty.spawn", "exec-sh", "child-process-es6-promise.exec"),
        ),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("child_process", "spawn spawnSync execFile execFileSync fork"),
            *("Bun.spawn", "Bun.spawnSync"),
            "cross-spawn",
            "cross-spawn.sync",
            "execa",
        ),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
    Sink(
        under("child_process", "spawn spawnSync execFile execFileSync"),
        Danger.COMMAND,
        SHELL_COMMAND,
        (1,),
        when=(When(("shell",), (True, "/bin/sh", "/bin/bash", "bash", "sh")),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        under("child_process", "spawn spawnSync execFile execFileSync"),
        Danger.CODE,  # Not COMMAND, which sees of a list only its first: here the whole of it is the shell's.
        SHELL_COMMAND,
        (1,),
        when=(When((0,), _SHELLS),),
        severity=Severity.CRITICAL,
    ),
    Sanitizer(
        ("shell-quote.quote", "shell-escape", "shellescape", "*.shellEscape", "escapeShell"),
        frozenset({Danger.COMMAND}),
    ),
)

_ONE_PATH = (
    "readFile readFileSync writeFile writeFileSync appendFile appendFileSync createReadStream createWriteStream open"
    " openSync unlink unlinkSync rm rmSync rmdir rmdirSync readdir readdirSync mkdir mkdirSync access accessSync stat"
    " statSync lstat chmod chmodSync exists existsSync truncate readJson readJsonSync outputFile outputFileSync"
    " ensureDir ensureDirSync remove removeSync outputJson readlink emptyDir"
)
_TWO_PATHS = (
    "copyFile copyFileSync rename renameSync copy copySync move moveSync link symlink symlinkSync linkSync cp cpSync"
)

_FILES: tuple[Model, ...] = (
    *(
        Sink(under(package, _ONE_PATH), Danger.PATH, PATH_FROM_REQUEST)
        for package in ("fs", "fs.promises", "fs-extra", "graceful-fs")
    ),
    *(
        Sink(under(package, _TWO_PATHS), Danger.PATH, PATH_FROM_REQUEST, (0, 1))
        for package in ("fs", "fs.promises", "fs-extra", "graceful-fs")
    ),
    Sink(under("Bun", "file write"), Danger.PATH, PATH_FROM_REQUEST),
    Sink(methods("mv"), Danger.PATH, PATH_FROM_REQUEST),
    Sink(("send",), Danger.PATH, PATH_FROM_REQUEST, (1,), unless=(When(("root",), (), otherwise=True),)),
    Sanitizer(
        ("path.basename", "sanitize-filename", "path.extname", "path.posix.basename", "filenamify"),
        frozenset({Danger.PATH}),
    ),
    Guard(methods("isSubdirectory isPathInside"), frozenset({Danger.PATH})),
    Guard(("is-path-inside", "path-is-inside"), frozenset({Danger.PATH})),
)

_REQUESTS = "get post put patch delete head request options"

_CONNECTIONS: tuple[Model, ...] = (
    Returns(("axios.create", "got.extend", "axios.default"), "axios"),
    Sink(
        (
            *("$fetch", "ofetch", "ofetch.ofetch", "useFetch"),
            *("fetch", "node-fetch", "axios", "got", "request", "needle", "superagent", "undici.fetch", "cross-fetch"),
            *("isomorphic-fetch", "node-fetch.default", "axios.request", "ky", "phin", "bent", "request-promise"),
            *("request-promise-native", "make-fetch-happen", "wreck.request", "undici.stream"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        (0, "url", "uri", "baseURL", "host", "hostname"),
    ),
    *(
        Sink(under(package, _REQUESTS), Danger.URL, URL_FROM_REQUEST, (0, "url", "uri", "hostname", "host"))
        for package in (
            *(
                "axios",
                "got",
                "request",
                "http",
                "https",
                "superagent",
                "needle",
                "undici",
                "follow-redirects.http",
                "ky",
            ),
            *("follow-redirects.https", "request-promise", "http2"),
        )
    ),
    Sink(("http2.connect", "urllib.request", "*.goto"), Danger.URL, URL_FROM_REQUEST),
    Returns(("@nestjs.axios.HttpService.axiosRef",), "axios"),
    Sink(
        (
            *under("@nestjs.axios.HttpService", _REQUESTS),
            *under("@nestjs.common.HttpService", _REQUESTS),
            *("*.httpService.get", "*.httpService.post"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        (0, "url", "baseURL"),
    ),
    Sink(("net.connect", "net.createConnection", "tls.connect"), Danger.URL, URL_FROM_REQUEST, (1, "host")),
    Sink(("WebSocket", "ws", "ws.WebSocket"), Danger.URL, URL_FROM_REQUEST, confidence=Confidence.LOW),
    Guard(
        ("*.isAllowedUrl", "isSafeUrl", "isAllowedUrl", "validateUrl", "is-url-safe"),
        frozenset({Danger.URL, Danger.REDIRECT}),
    ),
)

_CODE: tuple[Model, ...] = (
    Sink(
        (
            *under("vm", "runInNewContext runInThisContext runInContext compileFunction Script"),
            *("vm2.VM.run", "vm2.NodeVM.run", "safe-eval", "static-eval", "notevil", "eval-sanitizer", "mathjs.eval"),
        ),
        Danger.CODE,
        CODE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
)

_ANSWERS: tuple[Model, ...] = tuple(
    Through(model.names, ()) for model in (*_FILES, *_CONNECTIONS, *_COMMANDS) if isinstance(model, Sink)
)
"""What a file or a server answers is not what it was asked with."""

MODELS: tuple[Model, ...] = (*_ANSWERS, *_COMMANDS, *_FILES, *_CONNECTIONS, *_CODE)
