"""What Go's programs start and connect to: commands, their arguments, addresses."""

from server.analysis.flow.models import Danger, Model, Returns, Sink, When
from server.analysis.flow.words import of_each, under
from server.analysis.rules import SHELL_COMMAND, URL_FROM_REQUEST
from server.reviews.finding import Confidence, Severity

_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "zsh", "cmd", "cmd.exe", "powershell")
_CODES = ("-c", "-lc", "/c", "/C", "-Command")
RESTY = ("github_com.go-resty.resty.v2.Request", "resty_dev.v3.Request")


def _command(name: str, first: int) -> tuple[Model, ...]:
    """*first*: where the program stands among the arguments."""
    program, code = When((first,), _SHELLS), When((first + 1,), _CODES)
    return (
        Sink((name,), Danger.COMMAND, SHELL_COMMAND, (first + 2,), (program, code), severity=Severity.CRITICAL),
        Sink(
            (name,),
            Danger.ARGUMENT,
            SHELL_COMMAND,
            args=(first,),
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            message="chooses the program that runs, or its options",
        ),
    )


MODELS: tuple[Model, ...] = (
    *_command("os.exec.Command", 0),
    *_command("os.exec.CommandContext", 1),
    Returns(("net.http.DefaultClient",), "net.http.Client"),
    Returns(of_each(("github_com.go-resty.resty.v2", "resty_dev.v3"), "New"), "github_com.go-resty.resty.v2.Client"),
    Returns(("github_com.go-resty.resty.v2.Client.R",), RESTY[0]),
    Returns(under(RESTY[0], "SetHeader SetBody SetContext SetQueryParam SetResult SetHeaders"), RESTY[0]),
    Sink(
        (
            *under("net.http", "Get Post Head PostForm"),
            *under("net.http.Client", "Get Post Head PostForm Do"),
            *of_each(RESTY, "Get Post Put Delete Patch Head"),
            *under("net.http.httputil", "NewSingleHostReverseProxy"),
            *under("github_com.gorilla.websocket.Dialer", "Dial"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
    ),
    Sink(
        ("net.http.NewRequest", "net.Dial", "net.DialTimeout", "crypto.tls.Dial", "github_com.valyala.fasthttp.Get"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(1,),
    ),
    Sink(("net.http.NewRequestWithContext",), Danger.URL, URL_FROM_REQUEST, args=(2,)),
)
