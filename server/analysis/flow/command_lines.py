"""Commands as lists of arguments, which no shell reads: who chooses the program, a script for a shell, or an option.

A text that begins with `-` is an option to most programs, and some have options that run others or write files.
"""

from pathlib import PurePosixPath

from server.analysis.flow.models import Danger
from server.analysis.flow.taints import BUILT, DERIVED, SHELLED, VAGUE, Taints, flagged, join_taints
from server.analysis.flow.values import HOLE, Value, whole

_CODES = frozenset({"-c", "-lc", "-ec", "/c", "/C", "-Command", "-e"})

_OBEYING = frozenset(
    [
        *("git", "hg", "svn", "bzr", "ssh", "scp", "sftp", "rsync", "tar", "zip", "unzip", "7z", "curl", "wget"),
        *("find", "ffmpeg", "ffprobe", "convert", "magick", "mogrify", "gs", "sendmail", "mail", "man", "less"),
        *("vim", "awk", "sed", "sort", "xargs", "tcpdump", "nmap", "rpm", "dpkg", "apt-get", "pip", "pip3", "npm"),
        *("docker", "kubectl", "helm", "psql", "mysql", "mysqldump", "pg_dump", "openssl", "wkhtmltopdf", "pandoc"),
        *("yt-dlp", "youtube-dl"),
    ]
)
"""Programs with an option that runs a program, or reads or writes a file that it names."""

_SWITCHES = frozenset(
    [
        *("-s", "-q", "-v", "-f", "-L", "-r", "-y", "-a", "-sS", "-sL", "-fsSL", "-rf", "-xzf", "-czf", "-xf", "-cf"),
        *("--quiet", "--verbose", "--force", "--bare", "--mirror", "--progress", "--recursive", "--silent", "--all"),
        *("--no-checkout", "--delete", "--archive"),
    ]
)
"""Options without a value: what follows them may be an option again."""

_READERS = frozenset({"ffmpeg", "ffprobe"})
"""To these, what follows `-i` may also be a list of other files, or an address."""


def dangerous(danger: Danger, value: Value) -> Taints:
    """What of a list of arguments is as good as a command."""
    fields = value.fields
    if fields is None or "[0]" not in fields:
        return whole(value)
    option = fields.get("[1]")
    script = fields.get("[2]") or fields.get("[*]")  # `line.add(script)` says not where
    if option is not None and option.const in _CODES and script is not None:
        return flagged(whole(script), SHELLED)
    program = whole(fields["[0]"])
    return join_taints(program, _options(fields)) if danger is Danger.ARGUMENT else program


def in_a_row(values: list[Value]) -> Value:
    """Positional arguments as the list that they are: `create_subprocess_exec("git", "clone", url)`."""
    return Value((), fields={f"[{index}]": value for index, value in enumerate(values)})


def _options(fields: dict[str, Value]) -> Taints:
    """The values that may begin with `-`: before any `--`, and not where an option asks for a value."""
    program = fields["[0]"].const
    name = PurePosixPath(program).name if isinstance(program, str) else ""
    taints: Taints = ()
    if name not in _OBEYING:
        return taints
    before: object = ""
    for index in range(1, len(fields)):
        value = fields.get(f"[{index}]")
        if value is None or value.const == "--":
            break
        is_asked = isinstance(before, str) and before.startswith("-") and before not in _SWITCHES
        if not is_asked or (before == "-i" and name in _READERS):
            taints = join_taints(taints, _beginning(value))
        before = value.const
    return taints


def _beginning(value: Value) -> Taints:
    """The taints of a text that is somebody's from its first letter on."""
    if value.fields is not None or (value.text is not None and not value.text.startswith(HOLE)):
        return ()
    return tuple(taint for taint in value.taints if not taint.flags & (VAGUE | DERIVED | BUILT))
