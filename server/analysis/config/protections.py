"""Protections that a program's own text or its web.xml switches off: of browsers, sessions, methods and listings, and
debug modes; and pages that a request includes. Statements of any language, one line each.
"""

# ruff: noqa: E501  # One statement, one line: they are tables.

import re
from collections.abc import Iterator

from server.analysis.config.properties import LISTED_DIRECTORY
from server.analysis.language import Language
from server.analysis.python.settings import BROWSER_PROTECTION_OFF, FRAMING_ALLOWED
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import DEBUG_MODE, PERMISSIVE_CORS
from server.analysis.text.file import TextFile
from server.analysis.text.statements import NOT_IN_PYTHON, Statement, hits_of
from server.analysis.web.sessions import SESSION_FIXATION
from server.reviews.finding import Confidence, Severity

ENDLESS_SESSION = Rule(
    "hive.endless-session",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "The session never ends by itself: whoever finds an open browser, or gets hold of the cookie, is logged in for ever.",
    613,
    in_tests=False,
    also=(384, 287),
    remedy="Let sessions end after some idle minutes.",
)
SESSION_IN_ADDRESS = Rule(
    "hive.session-in-address",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The session's id stands in addresses: it gets into logs, histories and links, and a link can hand over a session.",
    598,
    in_tests=False,
    also=(384, 200, 522, 613),
    remedy="Keep it in a cookie alone: `<tracking-mode>COOKIE</tracking-mode>`.",
)
GUARDED_METHOD = Rule(
    "hive.guarded-method",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The constraint holds for the methods that it names alone: whoever sends another one passes without it.",
    650,
    in_tests=False,
    also=(862, 863, 284, 285, 287, 306),
    remedy="Name no method in the constraint, or deny those that are not named (`<deny-uncovered-http-methods/>`).",
)

FILE_FROM_REQUEST = Rule(
    "hive.page-from-request",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.HIGH,
    "Whoever sends the request chooses what the page includes: a hidden page, a file of the program, another server.",
    98,
    in_tests=False,
    also=(22, 73, 829, 918),
    remedy="Look the page up in a list of those that may be included.",
)

_SCRIPTS = r"(?:script-src(?:-elem)?|default-src)[^;\"\n]{0,200}"


@check(
    BROWSER_PROTECTION_OFF,
    on=(TextFile,),
    bad=(
        "app.use(helmet({ contentSecurityPolicy: false }));\n",
        "res.setHeader('Content-Security-Policy', \"script-src 'self' 'unsafe-inline'\");\n",
        "{ key: 'Content-Security-Policy', value: \"default-src 'self'; script-src 'self' 'unsafe-eval'\" }\n",
        "contentSecurityPolicy: { directives: { scriptSrc: [\"'self'\", \"'unsafe-inline'\"] } }\n",
    ),
    good=(
        "app.use(helmet());\n",
        "res.setHeader('Content-Security-Policy', \"script-src 'self'; style-src 'unsafe-inline'\");\n",
        "res.setHeader('Content-Security-Policy', \"script-src 'nonce-abc' 'unsafe-inline' 'strict-dynamic'\");\n",
    ),
)
def browser_protection_off(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Scripts of strangers run in the pages"
    nonce = re.compile(r"nonce|strict-dynamic|NODE_ENV|isDev|development")
    policy = re.compile(rf"{_SCRIPTS}'unsafe-(?:inline|eval)'")
    yield from hits_of(
        file,
        Statement(
            "contentSecurityPolicy",
            re.compile(r"\bhelmet\(\s{0,20}\{[^()]{0,400}?\bcontentSecurityPolicy\s{0,4}:\s{0,4}false"),
            "No policy says which scripts may run",
        ),
        Statement("script", policy, said, nonce),
        Statement("default-src", policy, said, nonce),
        Statement(
            "scriptSrc",
            re.compile(r"\bscriptSrc(?:Elem)?['\"]?\s{0,4}:\s{0,4}\[[^\]]{0,200}'unsafe-(?:inline|eval)'"),
            said,
            nonce,
        ),
        not_in=NOT_IN_PYTHON,
    )


@check(
    FRAMING_ALLOWED,
    on=(TextFile,),
    bad=(
        "app.use(helmet({ frameguard: false }));\n",
        "app.disable('x-frame-options'); app.use(helmet({ xFrameOptions: false }));\n",
    ),
    good=("app.use(helmet({ frameguard: { action: 'deny' } }));\n",),
)
def framing_by_helmet(file: TextFile, _: TextFile) -> Iterator[Hit]:
    off = re.compile(r"\bhelmet\(\s{0,20}\{[^()]{0,400}?\b(?:frameguard|xFrameOptions)\s{0,4}:\s{0,4}false")
    yield from hits_of(file, Statement("helmet", off, "Any site may show the pages in a frame"), not_in=NOT_IN_PYTHON)


@check(
    PERMISSIVE_CORS,
    on=(TextFile,),
    bad=(
        "$response->headers->set('Access-Control-Allow-Origin', $request->header('Origin'));\n",
        'response.addHeader("Access-Control-Allow-Origin", httpRequest.getHeader("Origin"));\n',
        'c.Response().Header().Set("Access-Control-Allow-Origin", c.Request().Header.Get("Origin"))\n',
        "response.headers['Access-Control-Allow-Origin'] = request.headers['Origin']\n",
    ),
    good=(
        "$response->headers->set('Access-Control-Allow-Origin', $allowed);\n",
        "response.headers['Access-Control-Allow-Origin'] = 'https://a.example'\n",
    ),
)
def reflected_origin(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """What the browser says of itself is sent back as what is allowed, without a look."""
    reflects = re.compile(
        r"Access-Control-Allow-Origin[\"']\]?\s{0,4}(?:,|=>?)\s{0,4}[^\"'\n;]{1,60}[\[(]\s{0,4}[\"'](?:HTTP_)?origin[\"']",
        re.IGNORECASE,
    )
    yield from hits_of(file, Statement("Access-Control-Allow-Origin", reflects, "Any origin may read the answers"))


@check(
    SESSION_FIXATION,
    on=(TextFile,),
    bad=(
        "http.sessionManagement(session -> session.sessionFixation().none())\n",
        "http.sessionManagement().sessionFixation().none();\n",
        "http.sessionManagement(s -> s.sessionFixation(SessionFixationConfigurer::none))\n",
    ),
    good=("http.sessionManagement(session -> session.sessionFixation().migrateSession())\n",),
)
def kept_by_settings(file: TextFile, _: TextFile) -> Iterator[Hit]:
    none = re.compile(
        r"sessionFixation\(\s{0,4}(?:\)\s{0,80}\.none\(\)|\w{1,40}::none|\w{1,20}\s{0,4}->\s{0,4}\w{1,20}\.none\(\))"
    )
    yield from hits_of(file, Statement("sessionFixation", none, "The login goes on with the session of before"))


@check(
    ENDLESS_SESSION,
    on=(TextFile,),
    bad=(
        "<session-config>\n  <session-timeout>-1</session-timeout>\n</session-config>\n",
        "request.getSession().setMaxInactiveInterval(-1);\n",
    ),
    good=("<session-timeout>30</session-timeout>\n", "session.setMaxInactiveInterval(1800);\n"),
)
def endless_session(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Sessions never end by themselves"
    yield from hits_of(
        file,
        Statement("session-timeout", re.compile(r"<session-timeout>\s{0,20}(?:-\d+|0)\s{0,20}</"), said),
        Statement("setMaxInactiveInterval", re.compile(r"\.setMaxInactiveInterval\(\s{0,4}(?:-\d+|0)\s{0,4}\)"), said),
    )


@check(
    SESSION_IN_ADDRESS,
    on=(TextFile,),
    bad=(
        "<tracking-mode>URL</tracking-mode>\n",
        "context.setSessionTrackingModes(EnumSet.of(SessionTrackingMode.URL));\n",
        "ini_set('session.use_trans_sid', 1);\n",
    ),
    good=("<tracking-mode>COOKIE</tracking-mode>\n", "ini_set('session.use_trans_sid', 0);\n"),
)
def session_in_address(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "The session's id stands in addresses"
    yield from hits_of(
        file,
        Statement("tracking-mode", re.compile(r"<tracking-mode>\s{0,20}URL\s{0,20}</"), said),
        Statement(
            "SessionTrackingMode", re.compile(r"setSessionTrackingModes\([^;]{0,200}SessionTrackingMode\.URL\b"), said
        ),
        Statement(
            "use_trans_sid",
            re.compile(r"session\.use_trans_sid['\"]?\s{0,4}[,=]\s{0,4}['\"]?(?:1|on|true)", re.IGNORECASE),
            said,
        ),
    )


@check(
    GUARDED_METHOD,
    on=(TextFile,),
    bad=(
        "<security-constraint>\n  <web-resource-collection>\n    <url-pattern>/admin/*</url-pattern>\n"
        "    <http-method>GET</http-method>\n  </web-resource-collection>\n</security-constraint>\n",
    ),
    good=(
        "<security-constraint>\n  <url-pattern>/admin/*</url-pattern>\n</security-constraint>\n",
        "<deny-uncovered-http-methods/>\n<security-constraint>\n  <http-method>GET</http-method>\n</security-constraint>\n",
    ),
)
def guarded_method(file: TextFile, _: TextFile) -> Iterator[Hit]:
    if not file.source.mentions("deny-uncovered-http-methods"):
        named = re.compile(r"(?<=<)http-method>\s{0,20}(?:GET|POST)\s{0,20}</")
        if file.source.mentions("<security-constraint"):
            first = next(
                hits_of(file, Statement("http-method", named, "Other methods pass without the constraint")), None
            )
            yield from (first,) if first is not None else ()


@check(
    LISTED_DIRECTORY,
    on=(TextFile,),
    bad=(
        "<param-name>listings</param-name>\n<param-value>true</param-value>\n",
        "app.use('/files', serveIndex('files'));\n",
    ),
    good=("<param-name>listings</param-name>\n<param-value>false</param-value>\n",),
)
def listed_by_servlet(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from hits_of(
        file,
        Statement(
            "listings",
            re.compile(r"<param-name>\s{0,20}listings\s{0,20}</param-name>\s{0,80}<param-value>\s{0,20}true"),
            "Visitors get a list of the files",
        ),
        Statement("serveIndex", re.compile(r"\buse\([^;\n]{0,80}\bserveIndex\("), "Visitors get a list of the files"),
        not_in=NOT_IN_PYTHON,
    )


@check(
    DEBUG_MODE,
    on=(TextFile,),
    bad=(
        "func main() {\n\tgin.SetMode(gin.DebugMode)\n}\n",
        "e := echo.New()\ne.Debug = true\n",
        "spring.devtools.remote.secret=letmein\n",
    ),
    good=(
        "gin.SetMode(gin.ReleaseMode)\n",
        "e := echo.New()\ne.Debug = debug\n",
        "spring.devtools.restart.enabled=true\n",
    ),
)
def debug_by_code(file: TextFile, _: TextFile) -> Iterator[Hit]:
    said = "Debug mode is switched on in the code"
    yield from hits_of(
        file,
        Statement("gin.", re.compile(r"\bgin\.SetMode\(\s{0,4}(?:gin\.DebugMode|\"debug\")\s{0,4}\)"), said),
        Statement(
            "echo",
            re.compile(r"(?<=\becho\.New\(\))[\s\S]{0,600}?\n\s{0,20}\w{1,20}\.Debug\s{0,4}=\s{0,4}true\b"),
            said,
        ),
        Statement(
            "devtools.remote",
            re.compile(r"\bdevtools\.remote\.secret\s{0,4}[:=]\s{0,4}(?!\$)\S"),
            "Whoever knows the word replaces the program's classes from afar",
        ),
    )


@check(
    FILE_FROM_REQUEST,
    on=(TextFile,),
    bad=(
        '<jsp:include page="${param.banner}"/>\n',
        "<jsp:include page='<%= request.getParameter(\"page\") %>' />\n",
        '<c:import url="${param.feed}"/>\n',
    ),
    good=('<jsp:include page="/banner.jsp"/>\n', '<c:import url="${feed}"/>\n'),
)
def included_by_page(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """A page of JSP that includes what the request names."""
    named = r"[^>\n]{0,120}?(?:page|url|value)\s{0,4}=\s{0,4}[\"'][^\"'\n]{0,60}(?:\$\{\s{0,4}(?:param|header|cookie)\b|<%=\s{0,4}request\.get)"
    yield from hits_of(
        file,
        Statement(
            "jsp:include",
            re.compile(rf"<jsp:(?:include|forward)\b{named}"),
            "The request names the page that is included",
        ),
        Statement("c:import", re.compile(rf"<c:import\b{named}"), "The request names the address that is included"),
        not_in=frozenset({Language.PYTHON, Language.PROSE}),
    )


CHECKS = (
    debug_by_code,
    included_by_page,
    browser_protection_off,
    framing_by_helmet,
    reflected_origin,
    kept_by_settings,
    endless_session,
    session_in_address,
    guarded_method,
    listed_by_servlet,
)
