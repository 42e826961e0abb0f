"""Addresses that the server connects to: HTTP clients, sockets, browsers that it steers, mail and file servers.

A host that the program names itself is no concern, whatever the path and query hold.
"""

from server.analysis.flow.models import Danger, Guard, Harmless, Model, Returns, Sanitizer, Sink, Subtype, When
from server.analysis.flow.words import HTTP_VERBS, of_each, under
from server.analysis.rules import URL_FROM_REQUEST
from server.reviews.finding import Confidence, Severity

_CLIENTS = (
    *("requests", "requests.Session", "httpx", "httpx.Client", "httpx.AsyncClient", "requests.api", "grequests"),
    *("aiohttp.ClientSession", "requests_html.HTMLSession", "cloudscraper.CloudScraper", "treq", "curl_cffi.requests"),
    *("aiohttp.client.ClientSession", "requests_async", "niquests", "asks", "primp.Client"),
)

_FETCHED = of_each(_CLIENTS, f"{HTTP_VERBS} request stream")

MODELS: tuple[Model, ...] = (
    Harmless((*_FETCHED, "urllib.request.urlopen", "feedparser.parse")),
    Returns(("requests.session", "requests.sessions.Session"), "requests.Session"),
    Subtype("requests.sessions.Session", "requests.Session"),
    Returns(("cloudscraper.create_scraper",), "cloudscraper.CloudScraper"),
    Sink(
        of_each(_CLIENTS, f"{HTTP_VERBS} ws_connect"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "url"),
        severity=Severity.HIGH,
    ),
    Sink(
        (*of_each(_CLIENTS, "request stream"), "requests.Request", "httpx.Request", "aiohttp.request"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(1, "url"),
        severity=Severity.HIGH,
    ),
    Sink(
        (
            *under("urllib.request", "urlopen urlretrieve Request URLopener.open OpenerDirector.open"),
            *under("urllib", "urlopen urlretrieve"),
            *("http.client.HTTPConnection", "http.client.HTTPSConnection"),
            *("httplib2.Http.request", "wget.download", "feedparser.parse"),
            *("newspaper.Article", "xmlrpc.client.ServerProxy", "zeep.Client", "suds.client.Client"),
            *("websocket.create_connection", "websockets.connect", "fsspec.open", "smart_open.open"),
            *("jwt.PyJWKClient", "jwt.jwks_client.PyJWKClient", "authlib.jose.JsonWebKey.import_key_set"),
            *("pdfkit.from_url", "imgkit.from_url", "trafilatura.fetch_url", "gdown.download"),
            *("ftplib.FTP", "telnetlib.Telnet", "smtplib.SMTP", "imaplib.IMAP4_SSL", "ldap.initialize"),
            *("langchain_community.document_loaders.WebBaseLoader", "pytube.YouTube", "yarl.connect"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "url", "host", "uri", "fullurl"),
        severity=Severity.HIGH,
    ),
    Returns(("urllib.request.build_opener",), "urllib.request.OpenerDirector"),
    Sink(
        (
            "urllib3.PoolManager.request",
            "urllib3.PoolManager.urlopen",
            "urllib3.request",
            "urllib3.ProxyManager.request",
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(1, "url"),
        severity=Severity.HIGH,
    ),
    Sink(
        under("pandas", "read_csv read_json read_html read_excel read_xml read_table read_parquet"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "filepath_or_buffer", "io", "path_or_buf", "path"),
    ),
    Sink(("weasyprint.HTML",), Danger.URL, URL_FROM_REQUEST, args=("url", "filename", 0)),
    Sink(
        ("pycurl.Curl.setopt", "*.setopt"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(1,),
        when=(When((0,), ("pycurl.URL", "pycurl.Curl.URL")),),
        severity=Severity.HIGH,
    ),
    Sink(
        ("socket.socket.connect", "socket.create_connection", "asyncio.open_connection", "socket.socket.connect_ex"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "address", "host"),
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        (
            *of_each(
                under("selenium.webdriver", "Chrome Firefox Remote Edge remote.webdriver.WebDriver"),
                "get",
            ),
            *("playwright.sync_api.Page.goto", "playwright.async_api.Page.goto", "pyppeteer.page.Page.goto", "*.goto"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "url"),
        severity=Severity.MEDIUM,
    ),
    Sanitizer(
        (
            "urllib.request.Request",
            "requests.Request",
            "httpx.Request",
            "tornado.httpclient.HTTPRequest",
        ),
        frozenset({Danger.URL}),
    ),
    Sanitizer(
        (
            *under("*", "get_safe_redirect get_safe_redirect_url get_safe_url get_safe_next_url safe_redirect_url"),
            *under("*", "generate_presigned_url generate_presigned_post create_presigned_url"),
            *under(
                "*", "safe_next_url safe_redirect_target safe_url get_redirect_target sanitize_url validate_redirect"
            ),
        ),
        frozenset({Danger.URL, Danger.REDIRECT}),
    ),
    Guard(
        (
            *under("*", "is_safe_url is_allowed_url is_valid_url validate_url check_url is_url_allowed is_public_url"),
            *under("*", "is_allowed_host is_safe_host validate_host is_private_ip is_internal is_allowed_domain"),
            *under("*", "is_internal_url is_ssrf_safe assert_safe_url ensure_safe_url validate_webhook_url"),
        ),
        frozenset({Danger.URL, Danger.REDIRECT}),
    ),
)
