"""Cookies without their flags, in any language but Python and JavaScript, and in the settings of their frameworks."""

# ruff: noqa: E501  # One statement, one line: it is a table.

import re
from collections.abc import Iterator

from server.analysis.python.cookies import INSECURE_COOKIE
from server.analysis.rule import Hit, check
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of


@check(
    INSECURE_COOKIE,
    on=(TextFile,),
    bad=(
        'http.SetCookie(w, &http.Cookie{Name: "token", Value: signed, Path: "/"})\n',
        'c.SetCookie(&http.Cookie{Name: "session", Value: made, HttpOnly: false, Secure: false})\n',
        "setcookie('session', $token, time() + 3600);\n",
        'Cookie cookie = new Cookie("session", token);\nresponse.addCookie(cookie);\n',
        "cookies[:user_id] = user.id\n",
        "session_set_cookie_params(['httponly' => false]);\n",
        'c.SetCookie("session", token, 3600, "/", "", false, false)\n',
        'store.Options = &sessions.Options{Path: "/", HttpOnly: false}\n',
        "cookie.setHttpOnly(false);\n",
        'c.Cookie(&fiber.Cookie{Name: "session", Value: t})\n',
        "session_set_cookie_params(3600, '/', '', false, false);\n",
        "config.session_store :cookie_store, key: '_app', secure: false, httponly: false\n",
        "use Rack::Session::Cookie, secret: ENV['S'], httponly: false\n",
        "response.set_cookie('session', value: token, path: '/')\n",
        "return ['lifetime' => 120, 'secure' => false, 'http_only' => false, 'same_site' => 'lax'];\n",
    ),
    good=(
        'c.SetCookie("session", token, 3600, "/", "", true, true)\n',
        'c.SetCookie("theme", "dark", 3600, "/", "", false, false)\n',
        "response.set_cookie('session', value: token, secure: true, httponly: true)\n",
        "return ['secure' => env('SESSION_SECURE_COOKIE'), 'http_only' => true, 'same_site' => 'lax'];\n",
        'http.SetCookie(w, &http.Cookie{Name: "token", Value: signed, Secure: true, HttpOnly: true})\n',
        "setcookie('theme', 'dark');\n",
        "setcookie('session', $token, ['secure' => true, 'httponly' => true]);\n",
        "setcookie('session', $token, time() + 3600, '/', '', true, true);\n",
        'Cookie cookie = new Cookie("session", token);\ncookie.setSecure(true);\nresponse.addCookie(cookie);\n',
        "cookies.encrypted[:user_id] = { value: user.id, secure: true }\n",
        "cookies[:theme] = 'dark'\n",
    ),
)
def insecure_cookie(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "A cookie that says who somebody is, without Secure"
    name = r"[\"':](?:\w*(?:sess|token|auth|user|remember|login|jwt|sid)\w*)[\"']?"
    yield from hits_of(
        file,
        Statement(
            "http.Cookie{",
            re.compile(rf"http\.Cookie\{{\s{{0,40}}Name:\s{{0,20}}{name}", re.IGNORECASE),
            said,
            re.compile(r"\bSecure:(?!\s{0,8}false)|MaxAge:\s{0,8}-1"),
        ),
        Statement(
            "setcookie",
            re.compile(
                rf"\bsetcookie\(\s{{0,8}}{name}\s{{0,4}},(?![^;\n]{{0,200}}(?:true|secure|time\(\)\s{{0,4}}-))(?!\s{{0,4}}['\"]{{2}})",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "new Cookie(",
            re.compile(rf"\bnew Cookie\(\s{{0,8}}{name}\s{{0,4}},", re.IGNORECASE),
            said,
            re.compile(r"\.setSecure\(true\)|setMaxAge\(0\)"),
        ),
        Statement(
            "cookies[",
            re.compile(
                rf"\bcookies\[{name}\]\s{{0,4}}=(?!=)(?!\s{{0,4}}(?:nil|\{{[^}}]{{0,200}}secure))", re.IGNORECASE
            ),
            said,
        ),
        Statement(
            "ResponseCookie",
            re.compile(r"ResponseCookie\.from\([^\n]{1,200}\.(?:secure|httpOnly)\(false\)"),
            said,
        ),
        Statement(
            "httponly",
            re.compile(
                r"[\"']httponly[\"']\s{0,4}=>\s{0,4}false|session\.cookie_(?:httponly|secure)[\"']\s{0,4},\s{0,4}[\"']?0"
            ),
            said,
        ),
        Statement(
            "SetCookie(",
            re.compile(
                rf"\.SetCookie\(\s{{0,8}}{name}\s{{0,4}},[^;\n]{{1,200}},\s{{0,4}}false\s{{0,4}}(?:,\s{{0,4}}\w{{1,10}}\s{{0,4}})?\)",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "ookie", re.compile(r"\b\w{0,20}[cC]ookie\w{0,10}\.set(?:HttpOnly|Secure)\(\s{0,4}false\s{0,4}\)"), said
        ),
        Statement(
            "sessions.Options{",
            re.compile(r"\bsessions\.Options\{[^{}]{0,300}\b(?:HttpOnly|Secure):\s{0,8}false"),
            said,
        ),
        Statement(
            "fiber.Cookie{",
            re.compile(rf"fiber\.Cookie\{{\s{{0,40}}Name:\s{{0,20}}{name}", re.IGNORECASE),
            said,
            re.compile(r"\bSecure:(?!\s{0,8}false)|MaxAge:\s{0,8}-1"),
        ),
        Statement(
            "session_set_cookie_params",
            re.compile(
                r"session_set_cookie_params\([^;\n]{1,200},\s{0,4}(?:false|0)\s{0,4}(?:,\s{0,4}\w{1,8}\s{0,4})?\)"
            ),
            said,
        ),
        Statement(
            "session_store",
            re.compile(r"\bsession_store[ (][^\n]{1,300}\b(?:secure|httponly):\s{0,4}false"),
            said,
        ),
        Statement(
            "Session::Cookie",
            re.compile(r"Session::Cookie[^\n]{1,300}\b(?:secure|httponly)(?::|\s=>)\s{0,4}false"),
            said,
        ),
        Statement(
            "set_cookie",
            re.compile(
                rf"\bset_cookie[ (]{{1,2}}{name}\s{{0,4}},(?![^\n]{{0,300}}(?:secure|max_age:\s{{0,4}}0))(?![^\n]{{0,20}}['\"]{{2}})",
                re.IGNORECASE,
            ),
            said,
        ),
        Statement(
            "http_only",
            re.compile(
                r"['\"](?:secure|http_only)['\"]\s{0,4}=>\s{0,4}false(?=[\s\S]{0,1500}?['\"](?:same_site|http_only)['\"])"
            ),
            said,
        ),
    )


_SERVLETS = re.compile(r"<(?P<flag>http-only|secure)>\s{0,40}false\s{0,40}</")


@check(
    INSECURE_COOKIE,
    on=(TextFile,),
    bad=("<cookie-config>\n  <http-only>false</http-only>\n</cookie-config>\n",),
    good=("<cookie-config>\n  <http-only>true</http-only>\n</cookie-config>\n", "<secure>false</secure>\n"),
)
def insecure_servlet_cookie(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """In `web.xml`."""
    text = file.source.text
    at = text.find("<cookie-config>")
    for found in _SERVLETS.finditer(text, at, text.find("</cookie-config>", at)) if at >= 0 else ():
        yield Hit(
            file.source.line_span(file.line_of(found.start())), f"The session's cookie is sent without {found['flag']}"
        )


CHECKS = (insecure_cookie, insecure_servlet_cookie)
