"""PHP's functions, its databases and Laravel: where strangers' values come from, where they do harm, what makes them
harmless.

Functions are in small letters, as the lowering writes them.
"""

from server.analysis.flow.models import (
    ALL_DANGERS,
    ANY,
    Danger,
    Guard,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    When,
)
from server.analysis.flow.rules import (
    LDAP_INJECTION,
    LOG_INJECTION,
    MAIL_INJECTION,
    MASS_ASSIGNMENT,
    REGEX_FROM_REQUEST,
    UNSAFE_REFLECTION,
    XPATH_INJECTION,
)
from server.analysis.flow.words import of_each, under
from server.analysis.php.lowering.dynamic import CHOSEN_NAME, CODE_FILE, PAGE
from server.analysis.php.lowering.scope import ECHO_TAG
from server.analysis.rule import Kind, Rule
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
    XML_ENTITIES,
)
from server.reviews.finding import Confidence, Severity

FILE_INCLUSION = Rule(
    "hive.file-inclusion",
    Kind.SECURITY,
    Severity.CRITICAL,
    Confidence.HIGH,
    "What is included runs as PHP: a path from outside runs an uploaded file, or a log with code in it.",
    98,
    in_tests=False,
    also=(22, 73, 829),
    remedy="Look the value up in a list of the files that may be included.",
)

REQUESTS = ("Illuminate.Http.Request", "Symfony.Component.HttpFoundation.Request", "Request")


def facades(name: str) -> tuple[str, ...]:
    """Laravel's `DB` by its whole name, and as it is called without an import."""
    return (f"Illuminate.Support.Facades.{name}", name)


EXPOSED = (
    "$_GET",
    "$_POST",
    "$_REQUEST",
    "$_COOKIE",
    "$HTTP_RAW_POST_DATA",
)
SERVER_KEYS = ("$_SERVER",)
RESPONSES = "Illuminate.Contracts.Routing.ResponseFactory"
REDIRECTOR = "Illuminate.Routing.Redirector"
UPLOADS = (
    "Illuminate.Http.UploadedFile",
    "Symfony.Component.HttpFoundation.File.UploadedFile",
    "Psr.Http.Message.UploadedFileInterface",
)
LEVELS = "emergency alert critical error warning notice info debug log"
PDO = ("PDO", "mysqli", "SQLite3", "PDOStatement", "Doctrine.DBAL.Connection", "wpdb")

SOURCES: tuple[Model, ...] = (
    Source(EXPOSED, Origin.REQUEST, "a parameter of the request"),
    Source(("$_FILES",), Origin.UPLOAD, "an uploaded file"),
    Source(SERVER_KEYS, Origin.REQUEST, "a header or the address of the request"),
    Source(("filter_input", "getallheaders", "apache_request_headers"), Origin.REQUEST, "the request"),
    Source(
        of_each(
            REQUESTS, "input get post query all header cookie file route json only except getContent request headers"
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(
        ("*.input.post", "*.input.get", "*.input.post_get", "*.input.cookie", "*.input.raw_input_stream"),
        Origin.REQUEST,
        "a parameter of the request",
    ),
    Source(
        of_each(("Psr.Http.Message.ServerRequestInterface",), "getQueryParams getParsedBody getBody getCookieParams"),
        Origin.REQUEST,
        "the request",
    ),
    Source(
        (
            *("mysqli_fetch_assoc", "mysqli_fetch_array", "mysqli_fetch_row", "mysqli_fetch_object"),
            *("mysqli_fetch_all", "mysql_fetch_assoc", "mysql_fetch_array", "mysql_fetch_row", "mysql_fetch_object"),
            *("pg_fetch_assoc", "pg_fetch_array", "pg_fetch_row", "pg_fetch_object", "pg_fetch_all"),
            *("*.fetch_assoc", "*.fetch_array", "*.fetch_row", "*.fetch_object", "*.fetch_all", "*.fetchObject"),
            *("*.fetchArray", "*.fetchAssociative", "*.fetchAllAssociative", "PDOStatement.__iter__"),
            *("mysqli_result.__iter__", "PDOStatement.fetch", "PDOStatement.fetchAll"),
            *of_each(
                ("PDOStatement", "mysqli_result"),
                "fetch_assoc fetch_array fetch_row fetch_object fetch_all fetchColumn fetchObject fetchArray",
            ),
        ),
        Origin.DATABASE,
        "a row of the database",
    ),
    Source(("getenv",), Origin.ENVIRONMENT, "the environment"),
    Source(("$argv",), Origin.ARGUMENT, "the command line"),
)

TYPES: tuple[Model, ...] = (
    Returns(("mysqli_connect",), "mysqli"),
    Returns(("request",), REQUESTS[0]),
    Returns(("response",), RESPONSES),
    Returns(("redirect",), REDIRECTOR),
    Returns((*of_each(REQUESTS, "file"), "*.getUploadedFile"), UPLOADS[0]),
    Returns(
        of_each(
            facades("Http"),
            "withoutVerifying withHeaders withToken withBasicAuth withOptions withBody timeout retry accept acceptJson"
            " asForm asJson asMultipart attach baseUrl contentType withUserAgent",
        ),
        facades("Http")[0],
    ),
    Returns(of_each(facades("Storage"), "disk drive build"), facades("Storage")[0]),
    Returns(of_each(facades("DB"), "connection"), facades("DB")[0]),
    Returns(of_each(facades("Log"), "channel stack"), facades("Log")[0]),
    Returns(("Symfony.Component.HttpClient.HttpClient.create",), "Symfony.Contracts.HttpClient.HttpClientInterface"),
    Returns(of_each(("PDO", "mysqli"), "prepare query"), "PDOStatement"),
    Returns(("PDOStatement.get_result",), "mysqli_result"),
)

SINKS: tuple[Model, ...] = (
    Sink(
        (
            *("mysql_query", "sqlite_query", "mssql_query"),
            *of_each(
                PDO, "query exec prepare multi_query real_query executeQuery executeStatement get_results get_var"
            ),
            *of_each(
                facades("DB"),
                "raw select selectOne scalar insert update delete statement affectingStatement unprepared cursor",
            ),
            *of_each(
                ("*", "Illuminate.Database.Eloquent.Model"),
                "whereRaw orWhereRaw selectRaw orderByRaw havingRaw groupByRaw fromRaw",
            ),
            *of_each(("Cake.Database.Connection", "yii.db.Connection", "CodeIgniter.Database.BaseConnection"), "query"),
            *under("CodeIgniter.Database.BaseConnection", "simpleQuery"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *("pg_query", "pg_send_query", "pg_prepare", "mysqli_query", "mysqli_real_query", "mysqli_multi_query"),
            *("mysqli_prepare", "mysqli_execute_query", "oci_parse", "odbc_exec", "odbc_prepare", "sqlsrv_query"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, 1),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *(
                "*.query",
                "*.exec",
                "*.prepare",
                "*.get_results",
                "*.get_row",
                "*.get_var",
                "*.get_col",
                "*.simple_query",
            ),
            *("*.executeQuery", "*.executeStatement", "*.createQuery", "*.createNativeQuery", "*.fetchAll"),
            *("*.queryAll", "*.createCommand", "*.multi_query", "*.rawQuery", "*.raw_query"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=r"(?i)\b(?:select|insert|update|delete|where|from|drop|alter|order\s+by|group\s+by|limit)\b",
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.where", "*.orWhere", "*.or_where", "*.having", "*.andWhere"),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=r"[\w.`\"]+\s*(?:=|<|>|\blike\b|\bin\b)",
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("system", "exec", "shell_exec", "passthru", "popen", "proc_open", "pcntl_exec"),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("eval", "assert", "create_function", CODE_FILE),
        Danger.CODE,
        CODE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("call_user_func", "call_user_func_array"),
        Danger.CODE,
        CODE_FROM_TEXT,
        args=(0,),
        plain=True,
        severity=Severity.CRITICAL,
    ),
    Sink(("create_function",), Danger.CODE, CODE_FROM_TEXT, args=(1,), severity=Severity.CRITICAL),
    Sink((CHOSEN_NAME,), Danger.REFLECTION, UNSAFE_REFLECTION),
    Sink(("include",), Danger.PATH, FILE_INCLUSION),
    Sink(("extract",), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT),
    Sink(
        ("parse_str", "mb_parse_str"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        args=(0,),
        unless=(When((1,), (), otherwise=True),),
    ),
    Sink(
        (
            "*.createTemplate",
            *of_each(facades("Blade"), "render compileString"),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("GuzzleHttp.Client", "get post put patch delete head request requestAsync getAsync postAsync"),
            *of_each(facades("Http"), "get post put patch delete head send"),
            *under("Symfony.Contracts.HttpClient.HttpClientInterface", "request"),
            *("wp_remote_get", "wp_remote_post", "wp_remote_request", "wp_remote_head", "SoapClient", "file"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, 1),
    ),
    Sink(
        (
            *of_each(
                facades("Storage"),
                "get put delete download response path exists append prepend copy move deleteDirectory",
            ),
            *of_each(facades("File"), "get put delete append copy move deleteDirectory requireOnce getRequire"),
            *under(RESPONSES, "download file"),
            *under("Symfony.Component.Filesystem.Filesystem", "remove mkdir dumpFile appendToFile copy rename"),
            *("Symfony.Component.HttpFoundation.BinaryFileResponse", "wp_delete_file"),
            *(
                "force_download",
                "SplFileObject",
                "ZipArchive.open",
                "imagecreatefrompng",
                "imagecreatefromjpeg",
                "simplexml_load_file",
            ),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
    ),
    Sink(
        under("DOMDocument", "loadXML load") + under("XMLReader", "XML open"),
        Danger.XML,
        XML_ENTITIES,
        when=(When((1, 2), (), otherwise=True),),
    ),
    Sink(
        (
            *(
                "fopen",
                "file_get_contents",
                "file",
                "readfile",
                "file_put_contents",
                "unlink",
                "copy",
                "rename",
                "rmdir",
            ),
            *("opendir", "scandir", "mkdir", "parse_ini_file", "highlight_file", "show_source"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
    ),
    Sink(("copy", "rename", "move_uploaded_file"), Danger.PATH, PATH_FROM_REQUEST, args=(1,)),
    Sink(of_each(UPLOADS, "move storeAs storePubliclyAs"), Danger.PATH, PATH_FROM_REQUEST, args=(0, 1)),
    Sink(of_each(UPLOADS, "moveTo"), Danger.PATH, PATH_FROM_REQUEST),
    Sink(
        ("curl_init", "get_headers", "fsockopen", "file_get_contents", "fopen", "readfile", "copy", "getimagesize"),
        Danger.URL,
        URL_FROM_REQUEST,
    ),
    Sink(("curl_setopt",), Danger.URL, URL_FROM_REQUEST, args=(2,)),
    Sink(("echo", "printf", "vprintf"), Danger.HTML, HTML_FROM_TEXT, args=(ANY,)),
    Sink((PAGE,), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]"),
    Sink((ECHO_TAG,), Danger.HTML, HTML_FROM_TEXT, args=(ANY,), within=True),
    Sink(("print_r", "var_export"), Danger.HTML, HTML_FROM_TEXT, unless=(When((1,), (True,)),)),
    Sink(("var_dump",), Danger.HTML, HTML_FROM_TEXT, args=(ANY,)),
    Sink(
        ("header",),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        text=r"(?i)^\s*(?:location|refresh)\s*:",
    ),
    Sink(
        (
            *("redirect", "wp_redirect", "Symfony.Component.HttpFoundation.RedirectResponse"),
            *of_each((*facades("Redirect"), REDIRECTOR), "to away"),
        ),
        Danger.REDIRECT,
        OPEN_REDIRECT,
    ),
    Sink(("preg_match", "preg_match_all", "preg_replace", "preg_split", "mb_ereg"), Danger.REGEX, REGEX_FROM_REQUEST),
    Sink(of_each((*facades("Log"), "Psr.Log.LoggerInterface"), LEVELS), Danger.LOG, LOG_INJECTION, args=(ANY,)),
    Sink(("error_log",), Danger.LOG, LOG_INJECTION),
    Sink(
        ("unserialize", "maybe_unserialize", "igbinary_unserialize"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("simplexml_load_string", "simplexml_load_file", "*.loadXML"),
        Danger.XML,
        XML_ENTITIES,
        when=(When((1, 2), (), otherwise=True),),
    ),
    Sink(("ldap_search", "ldap_list", "ldap_read"), Danger.LDAP, LDAP_INJECTION, args=(2,)),
    Sink(("DOMXPath.query", "DOMXPath.evaluate", "*.xpath"), Danger.XPATH, XPATH_INJECTION),
    Sink(("mail",), Danger.MAIL, MAIL_INJECTION, args=(0, 1, 3)),
)

_FOUND = of_each(
    ("*", "Doctrine.ORM.EntityManagerInterface", *facades("DB")),
    "find findOrFail findOneBy findBy findAll findMany firstOrFail firstWhere sole get_post get_user_by",
)

ROWS: tuple[Model, ...] = (
    Source(_FOUND, Origin.DATABASE, "what the database holds"),
    Harmless(_FOUND),
)
"""What is found is not what was asked with."""

CLEANERS: tuple[Model, ...] = (
    Harmless(
        (
            *("intval", "floatval", "boolval", "count", "strlen", "is_numeric", "md5", "sha1", "hash", "crc32", "time"),
            *("password_hash", "password_verify", "abs", "round", "floor", "ceil", "number_format", "bin2hex", "empty"),
            *("isset", "in_array", "preg_match", "ctype_alnum", "ctype_digit", "filesize", "strtotime", "random_bytes"),
            *("shell_exec", "exec", "system", "file_get_contents", "fopen", "file", "mysqli_query", "pg_query"),
            *of_each(PDO, "query prepare exec"),
            *of_each(UPLOADS, "hashName extension guessExtension getMimeType getSize isValid"),
            *("Hash.make", "Illuminate.Support.Facades.Hash.make", "bcrypt"),
        )
    ),
    Sanitizer(
        (
            *("htmlspecialchars", "htmlentities", "strip_tags", "e", "h", "esc", "html_escape", "esc_html", "esc_attr"),
            "*.render",
        ),
        frozenset({Danger.HTML}),
    ),
    Guard(("ctype_digit", "ctype_alnum", "ctype_alpha", "ctype_xdigit", "is_numeric", "is_int"), ALL_DANGERS),
    Sanitizer(("json_encode",), frozenset({Danger.HTML})),
    Sanitizer(("var_export",), frozenset({Danger.CODE})),
    Sanitizer(
        (
            "mysqli_real_escape_string",
            "mysql_real_escape_string",
            "pg_escape_string",
            "addslashes",
            *("*.escapeString", "*.escape_string", "*.real_escape_string", "*.quoteName", "*.quoteIdentifier"),
            *of_each(PDO, "quote"),
        ),
        frozenset({Danger.SQL}),
    ),
    Sanitizer(("mysqli.real_escape_string", "*.real_escape_string", "*.quote"), frozenset({Danger.SQL})),
    # Not escapeshellcmd: what it lets through is still other arguments, or another program.
    Sanitizer(("escapeshellarg",), frozenset({Danger.COMMAND})),
    Sanitizer(("basename", "pathinfo"), frozenset({Danger.PATH})),
    Sanitizer(("urlencode", "rawurlencode", "http_build_query"), ALL_DANGERS - {Danger.RESOURCE}),
    Sanitizer(("preg_quote",), frozenset({Danger.REGEX})),
    Sanitizer(("ldap_escape",), frozenset({Danger.LDAP})),
)

MODELS: tuple[Model, ...] = (*SOURCES, *TYPES, *SINKS, *ROWS, *CLEANERS)
