"""Browsers: what a link or another window can choose, and where text becomes markup, code or an address."""

from server.analysis.flow.models import Calls, Danger, Model, Origin, Returns, Sanitizer, Sink, Source, When
from server.analysis.javascript.models.names import methods, under
from server.analysis.javascript.models.rules import SCRIPT_ADDRESS
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT
from server.reviews.finding import Confidence, Severity

AT_HOME = frozenset(Danger) - {
    Danger.HTML,
    Danger.CODE,
    Danger.REDIRECT,
    Danger.TEMPLATE,
    Danger.PROTOTYPE,
    Danger.REFLECTION,
}
"""What cannot hurt a server from here: the browser is the visitor's own."""

OWN_PAGE = AT_HOME | {Danger.REDIRECT}
"""The page's own address leads back to it."""

_WHERE = "the page's address"

MODELS: tuple[Model, ...] = (
    Source(under("location", "hash search"), Origin.BROWSER, _WHERE, spares=AT_HOME),
    Source(under("location", "href pathname"), Origin.BROWSER, _WHERE, spares=OWN_PAGE),
    Source(("location",), Origin.BROWSER, _WHERE, spares=OWN_PAGE),
    Source(under("document", "URL documentURI baseURI"), Origin.BROWSER, _WHERE, spares=OWN_PAGE),
    Source(("document.referrer",), Origin.BROWSER, "the address of the page before", spares=AT_HOME),
    Source(("window.name",), Origin.BROWSER, "the window's name, which another page can set", spares=AT_HOME),
    Source(("browser.MessageEvent.data",), Origin.BROWSER, "a message from another window", spares=AT_HOME),
    Source(
        (
            *under("next.navigation", "useSearchParams useParams"),
            *under("react-router-dom", "useSearchParams useParams useLocation"),
            *under("react-router", "useSearchParams useParams useLocation"),
            *under("vue-router.$route", "query params hash fullPath"),
            *under("vue-router", "useRoute"),
            "next.router.useRouter.query",
        ),
        Origin.BROWSER,
        _WHERE,
        spares=AT_HOME,
    ),
    Source(
        (
            *under("angular.ActivatedRoute", "queryParams params snapshot queryParamMap paramMap fragment"),
            *under("@angular.router.ActivatedRoute", "queryParams params snapshot queryParamMap paramMap fragment"),
        ),
        Origin.BROWSER,
        _WHERE,
        spares=AT_HOME,
    ),
    Calls(("addEventListener", "*.addEventListener"), 1, parameters=("browser.MessageEvent",)),
    Returns(("next.router.useRouter",), "next.router.useRouter"),
    Sink(
        (*methods("innerHTML outerHTML srcdoc"), *under("document.body", "innerHTML outerHTML")),
        Danger.HTML,
        HTML_FROM_TEXT,
        assigned=True,
        severity=Severity.HIGH,
    ),
    Sink(under("document", "write writeln"), Danger.HTML, HTML_FROM_TEXT, (0, 1), severity=Severity.HIGH),
    Sink(methods("insertAdjacentHTML"), Danger.HTML, HTML_FROM_TEXT, (1,), severity=Severity.HIGH),
    Sink(
        methods(
            "html append prepend after before replaceWith wrap wrapAll parseHTML createContextualFragment setContent"
        ),
        Danger.HTML,
        HTML_FROM_TEXT,
        severity=Severity.HIGH,
    ),
    Sink(("$", "jQuery"), Danger.HTML, HTML_FROM_TEXT, text="<"),
    Sink(("$.parseHTML", "jQuery.parseHTML"), Danger.HTML, HTML_FROM_TEXT),
    Sink(("jsx.dangerouslySetInnerHTML", "jsx.srcDoc"), Danger.HTML, HTML_FROM_TEXT, severity=Severity.HIGH),
    Sink(
        methods(
            "bypassSecurityTrustHtml bypassSecurityTrustScript bypassSecurityTrustUrl bypassSecurityTrustResourceUrl"
        ),
        Danger.HTML,
        HTML_FROM_TEXT,
        severity=Severity.HIGH,
    ),
    Sink(
        ("location.href", "location", "window.location", "document.location"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        assigned=True,
    ),
    Sink(("location.assign", "location.replace", "window.open", "open"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(
        methods("setAttribute attr prop"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        (1,),
        when=(When((0,), ("href", "action", "formaction", "xlink:href")),),
        confidence=Confidence.LOW,
    ),
    Sink(
        methods("setAttribute attr prop"),
        Danger.HTML,
        HTML_FROM_TEXT,
        (1,),
        when=(When((0,), ("srcdoc", "innerHTML", "onclick", "onload", "onerror")),),
        severity=Severity.HIGH,
    ),
    Sink(
        ("jsx.href", "jsx.action", "jsx.formAction", "jsx.frame"),
        Danger.REDIRECT,
        SCRIPT_ADDRESS,
        confidence=Confidence.LOW,
    ),
    Returns(("document.createElement",), "browser.Loading", when=(When((0,), ("script", "iframe", "embed")),)),
    Sink(("browser.Loading.src",), Danger.REDIRECT, SCRIPT_ADDRESS, assigned=True, severity=Severity.HIGH),
    Sink(
        under("browser.Loading", "innerHTML text textContent srcdoc"),
        Danger.HTML,
        HTML_FROM_TEXT,
        assigned=True,
        severity=Severity.HIGH,
    ),
    Sanitizer(
        (
            *(
                "DOMPurify.sanitize",
                "dompurify.sanitize",
                "isomorphic-dompurify.sanitize",
                "*.sanitize",
                "*.sanitizeHtml",
            ),
            *(
                "sanitize-html",
                "sanitizeHtml",
                "sanitizeHTML",
                "xss",
                "xss.filterXSS",
                "filterXSS",
                "escapeHtml",
                "escapeHTML",
            ),
            *(
                "escape-html",
                "he.encode",
                "he.escape",
                "lodash.escape",
                "_.escape",
                "*.escape",
                "*.escapeHtml",
                "*.escapeHTML",
            ),
            *("validator.escape", "html-escaper.escape", "entities.encode", "insane", "striptags", "*.encodeForHTML"),
            *("serialize-javascript", "serializeJavascript", "devalue", "devalue.uneval", "jsesc", "htmlescape"),
            *("html-entities.encode", "htmlEscape", "htmlspecialchars", "Handlebars.escapeExpression", "encodeHTML"),
        ),
        frozenset({Danger.HTML}),
    ),
)
