"""Links with a token that are mailed, beginning with the host that the request names; in any language but Python."""

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of
from server.analysis.web.sessions import RESET_LINK_HOST

_ONE_USE = r"[^\n;]{0,120}(?:reset|token|verif|confirm|activat|recover|invit|passw)"
_NOT_HERE = frozenset({Language.PYTHON, Language.PROSE})


@check(
    RESET_LINK_HOST,
    on=(TextFile,),
    bad=(
        "const link = `https://${req.get('host')}/reset?token=${token}`;\n",
        "const link = 'http://' + req.headers.host + '/confirm/' + token;\n",
        "async function begin(email, host) {\n  await send(email, `https://${host}/reset/${token}`);\n}\n",
        "$link = 'https://' . $_SERVER['HTTP_HOST'] . '/reset.php?code=' . $code;\n",
        'link := fmt.Sprintf("https://%s/reset?token=%s", r.Host, token)\n',
        'String link = "https://" + request.getHeader("Host") + "/reset?token=" + token;\n',
        'link = "https://#{request.host}/reset/#{user.reset_token}"\n',
    ),
    good=(
        "const link = `${config.publicUrl}/reset?token=${token}`;\n",
        "const here = `https://${req.get('host')}/orders`;\n",
        "$link = BASE_URL . '/reset.php?code=' . $code;\n",
        "header('Location: https://' . $_SERVER['HTTP_HOST'] . '/login.php');\n",
        'link := fmt.Sprintf("https://%s/reset?token=%s", cfg.Host, token)\n',
        "const url = `redis://${host}/token`;\n",
    ),
)
def reset_link(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "The link begins with the host that the request names"
    yield from hits_of(
        file,
        Statement(
            "host",
            re.compile(
                r"https?://\$\{\s?(?:(?:req|request|ctx)(?:\.get\(['\"]host['\"]\)|\.header\(['\"]host['\"]\)|\.headers(?:\.host|\[['\"]host['\"]\])|\.host(?:name)?)|host)\s?\}"
                + _ONE_USE,
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "host",
            re.compile(
                r"://['\"]\s?\+\s?(?:req|request|ctx)\.(?:get\(['\"]host['\"]\)|headers\.host|host(?:name)?)\s?\+"
                + _ONE_USE,
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "HTTP_HOST",
            re.compile(r"://['\"]\s?\.\s?\$_SERVER\[['\"]HTTP_HOST['\"]\]\s?\." + _ONE_USE, re.IGNORECASE),
            said,
            re.compile(r"\A[^\n]*\bheader\("),
        ),
        Statement(
            ".Host",
            re.compile(r"\"https?://%s/" + _ONE_USE + r"[^\n]{0,80}\b(?:r|req|request|c\.Request)\.Host\b"),
            said,
        ),
        Statement(
            "request",
            re.compile(r"://\"\s?\+\s?request\.(?:getHeader\(\"[Hh]ost\"\)|getServerName\(\))\s?\+" + _ONE_USE),
            said,
        ),
        Statement("request.host", re.compile(r"://#\{request\.host(?:_with_port)?\}" + _ONE_USE), said),
        not_in=_NOT_HERE,
    )


CHECKS = (reset_link,)
