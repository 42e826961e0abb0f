"""Values of whoever starts the program or owns its machine: the command line, the environment, files; and what the
network answers. Less hostile than a request: often the one who sends them may do the harm anyway.
"""

from server.analysis.flow.models import EntryPoint, Harmless, Model, Origin, Returns, Source, Subtype
from server.analysis.flow.words import HTTP_VERBS, of_each, under

FILE = "io.TextIOWrapper"

MODELS: tuple[Model, ...] = (
    Source(
        (
            *under("zipfile.ZipFile", "namelist infolist __iter__ filelist"),
            *under("tarfile.TarFile", "getnames getmembers __iter__ next"),
        ),
        Origin.UPLOAD,
        "a name in an archive",
    ),
    Source(("sys.argv", "sys.orig_argv", "fileinput.input"), Origin.ARGUMENT, "a command line argument"),
    Source(("input", "raw_input", "getpass.getpass"), Origin.ARGUMENT, "what somebody types"),
    Source(
        (
            *under("argparse.ArgumentParser", "parse_args parse_known_args parse_intermixed_args"),
            *("optparse.OptionParser.parse_args", "getopt.getopt", "getopt.gnu_getopt", "docopt.docopt"),
        ),
        Origin.ARGUMENT,
        "a command line argument",
    ),
    EntryPoint(
        Origin.ARGUMENT,
        "a command line argument",
        decorators=(
            *under("click", "command group argument option"),
            *of_each(("typer.Typer",), "command callback"),
        ),
    ),
    Source(
        ("os.environ", "os.environb", "os.getenv", "os.getenvb", "environ.Env", "decouple.config"),
        Origin.ENVIRONMENT,
        "an environment variable",
    ),
    Source(("sys.stdin",), Origin.ARGUMENT, "the standard input"),
    Returns(("open", "io.open", "codecs.open", "os.fdopen", "gzip.open", "bz2.open", "pathlib.Path.open"), FILE),
    Source(under(FILE, "read readline readlines __iter__"), Origin.FILE, "a file's content"),
    Source(under("pathlib.Path", "read_text read_bytes"), Origin.FILE, "a file's content"),
    Source(under("configparser.ConfigParser", "get getboolean items"), Origin.FILE, "a file's content"),
    Subtype("requests.models.Response", "requests.Response"),
    Returns(
        (*under("requests", f"{HTTP_VERBS} request"), *under("requests.Session", f"{HTTP_VERBS} request")),
        "requests.Response",
    ),
    Returns(
        of_each(("httpx", "httpx.Client", "httpx.AsyncClient"), f"{HTTP_VERBS} request"),
        "httpx.Response",
    ),
    Returns(under("aiohttp.ClientSession", f"{HTTP_VERBS} request"), "aiohttp.ClientResponse"),
    Returns(("urllib.request.urlopen",), "http.client.HTTPResponse"),
    Source(
        (
            *of_each(("requests.Response", "httpx.Response"), "text content json iter_lines iter_content raw"),
            *under("aiohttp.ClientResponse", "text json read content"),
            *under("http.client.HTTPResponse", "read readline __iter__"),
        ),
        Origin.NETWORK,
        "an answer from the network",
    ),
    Source(
        (
            *of_each(("requests.Response", "httpx.Response", "aiohttp.ClientResponse"), "headers"),
            *under("http.client.HTTPResponse", "headers getheader info"),
        ),
        Origin.DOWNLOAD,
        "a header of the answer",
    ),
    Harmless(("mimetypes.guess_extension", "mimetypes.guess_type")),
)
