"""Files that everyone may write, and uploads of any size: told by one statement, in any language but Python."""

# One statement, one line: it is a table.

import re
from collections.abc import Iterator

from server.analysis.config.commands import WORLD_WRITABLE
from server.analysis.language import Language
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of
from server.reviews.finding import Confidence, Severity

UNLIMITED_BODY = Rule(
    "hive.unlimited-body",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "One request may be as large as the machine's memory or disk: a few of them stop the server.",
    770,
    in_tests=False,
    also=(400, 434, 789, 1284),
    remedy="Set a limit that fits what people send: some megabytes.",
)

_NOT_HERE = frozenset(
    {Language.PYTHON, Language.PROSE, Language.TEMPLATE, Language.SHELL, Language.DOCKERFILE, Language.YAML}
)
_MODE = r"(?:0o?)?[0-7]{0,2}[2367]"
_OPEN = r"(?:0o?|0O)[0-7]{0,1}[0-7]{2}(?<=[2367])\b"


@check(
    WORLD_WRITABLE,
    on=(TextFile,),
    bad=(
        'os.WriteFile("key.pem", data, 0777)\n',
        "os.MkdirAll(dir, 0o777)\n",
        "os.Chmod(path, 0666)\n",
        "fs.chmodSync(file, 0o777);\n",
        "fs.writeFileSync('key.pem', data, { mode: 0o666 });\n",
        "chmod($file, 0777);\n",
        "mkdir('uploads', 0777, true);\n",
        "umask(0);\n",
        "File.chmod(0777, path)\n",
        "FileUtils.mkdir_p(path, mode: 0777)\n",
        "file.setWritable(true, false);\n",
        'PosixFilePermissions.fromString("rwxrwxrwx")\n',
    ),
    good=(
        'os.WriteFile("a", data, 0600)\n',
        "os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0666)\n",
        "os.MkdirAll(dir, 0755)\n",
        "fs.writeFileSync('key.pem', data, { mode: 0o600 });\n",
        "mkdir('a', 0755);\n",
        "if (!is_dir($dir)) mkdir($dir, 0777, true);\n",
        "umask(022);\n",
        'PosixFilePermissions.fromString("rwx------")\n',
        "FileUtils.chmod(0755, path)\n",
    ),
)
def world_writable(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Everyone may write to the file"
    yield from hits_of(
        file,
        Statement(
            "os.",
            re.compile(
                rf"\bos\.(?:WriteFile|MkdirAll|Mkdir|Chmod|OpenFile(?![^\n]{{1,300}}\b0o?666\b))\([^\n]{{1,300}},\s{{0,4}}{_OPEN}\s{{0,4}}\)"
            ),
            said,
        ),
        Statement(
            "hmod",
            re.compile(
                rf"\b(?:fs|fsp|promises|fse)\.(?:l|f)?chmod(?:Sync)?\([^\n]{{1,200}},\s{{0,4}}(?:{_OPEN}|['\"]0?[0-7]{{2}}[2367]['\"])"
            ),
            said,
        ),
        Statement(
            "mode:",
            re.compile(rf"\b(?:fs|fsp|promises|fse|FileUtils)\.\w{{1,20}}[ (][^\n]{{1,300}}\bmode:\s{{0,4}}{_OPEN}"),
            said,
        ),
        Statement("chmod", re.compile(rf"(?<![\w.])chmod\(\s{{0,4}}[^\n;]{{1,120}},\s{{0,4}}{_OPEN}\s{{0,4}}\)"), said),
        Statement("chmod", re.compile(rf"\b(?:File|FileUtils)\.chmod(?:_R)?[ (]\s{{0,4}}{_OPEN}"), said),
        Statement(  # Of a folder that is named: what any helper makes, the mask of the process closes.
            "mkdir", re.compile(rf"(?<![\w.])mkdir\([^\n;,]{{0,200}}['\"][^\n;]{{0,200}}?,\s{{0,4}}{_OPEN}"), said
        ),
        Statement(
            "umask",
            re.compile(r"(?<![\w$>])(?:\w{1,12}\.)?[uU]mask\(\s{0,4}0{1,4}\s{0,4}\)"),
            "New files may be written by everyone",
        ),
        Statement("setWritable", re.compile(r"\.setWritable\(\s{0,4}true\s{0,4},\s{0,4}false\s{0,4}\)"), said),
        Statement("PosixFilePermissions", re.compile(r"fromString\(\s{0,4}\"[rwx-]{7}w[x-]\""), said),
        not_in=_NOT_HERE,
    )


@check(
    UNLIMITED_BODY,
    on=(TextFile,),
    bad=(
        "app.use(express.json({ limit: '500mb' }));\n",
        "app.use(bodyParser.urlencoded({ extended: true, limit: '2gb' }));\n",
        "spring.servlet.multipart.max-file-size=-1\n",
    ),
    good=("app.use(express.json({ limit: '5mb' }));\n", "spring.servlet.multipart.max-file-size=10MB\n"),
)
def unlimited_body(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "A request may be larger than anybody needs"
    yield from hits_of(
        file,
        Statement(
            "limit",
            re.compile(
                r"\b(?:express|bodyParser)\.(?:json|urlencoded|raw|text)\(\{[^{}]{0,200}\blimit\s{0,4}:\s{0,4}['\"](?:[1-9]\d{2,}\s?mb|\d{1,6}\s?gb|Infinity)['\"]",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "bodyLimit", re.compile(r"\bbodyLimit\s{0,4}:\s{0,4}(?:Infinity|Number\.MAX\w{0,20}|[1-9]\d{8,})"), said
        ),
        Statement("max-", re.compile(r"\bmultipart\.max-(?:file|request)-size\s{0,4}[=:]\s{0,4}-1\b"), said),
        not_in=_NOT_HERE,
    )


CHECKS = (world_writable, unlimited_body)
