"""Java's libraries: where strangers' values come from, where they do harm, what makes them harmless.

Classes are known by their full names, but for those of `java.lang`, which nobody imports.
"""

from server.analysis.flow.models import (
    ALL_DANGERS,
    ANY,
    RECEIVER,
    Danger,
    EntryPoint,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Subtype,
    Through,
    When,
)
from server.analysis.flow.rules import (
    HEADER_INJECTION,
    LDAP_INJECTION,
    LOG_INJECTION,
    NOSQL_INJECTION,
    REGEX_FROM_REQUEST,
    UNSAFE_REFLECTION,
    XPATH_INJECTION,
)
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
from server.reviews.finding import Severity


def of(classes: str, names: str) -> tuple[str, ...]:
    """Methods of classes; those of `java.lang` have no package in the tables."""
    prefixes = [name.removeprefix("java.lang.") for name in classes.split()]
    return tuple(f"{prefix}.{method}" for prefix in prefixes for method in names.split())


def new(classes: str) -> tuple[str, ...]:
    """Constructors."""
    return tuple(classes.split())


SERVLET = "javax.servlet.http.HttpServletRequest jakarta.servlet.http.HttpServletRequest javax.servlet.ServletRequest"
ANSWER = "javax.servlet.http.HttpServletResponse jakarta.servlet.http.HttpServletResponse"
STATEMENT = "java.sql.Statement java.sql.PreparedStatement"
SPRING = "org.springframework.web.bind.annotation"
WEB_CLIENT = "org.springframework.web.reactive.function.client.WebClient"
LOGGERS = "org.slf4j.Logger org.apache.logging.log4j.Logger java.util.logging.Logger"
_MAPPINGS = "GetMapping PostMapping PutMapping DeleteMapping PatchMapping RequestMapping"

SOURCES: tuple[Model, ...] = (
    Source(
        of(
            SERVLET,
            "getParameter getParameterValues getParameterMap getHeader getHeaders getCookies getQueryString"
            " getInputStream getReader getPathInfo getRequestURI getRequestURL getPart getParts",
        ),
        Origin.REQUEST,
        "the request",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of the request",
        decorators=tuple(f"{SPRING}.{name}" for name in _MAPPINGS.split()),
        answers="spring.answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of the request",
        decorators=tuple(
            f"{p}{n}" for n in ("GET", "POST", "PUT", "DELETE") for p in ("javax.ws.rs.", "jakarta.ws.rs.")
        ),
    ),
    Source(of("java.sql.ResultSet", "getString getObject getNString"), Origin.DATABASE, "a row of the database"),
    Source(
        of("org.springframework.web.multipart.MultipartFile", "getOriginalFilename"), Origin.UPLOAD, "a file's name"
    ),
    Source(
        of(
            "com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent"
            " com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent",
            "getBody getQueryStringParameters getPathParameters getHeaders getRawQueryString",
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(
        (
            *of("io.javalin.http.Context", "queryParam pathParam formParam body header cookie bodyAsClass queryParams"),
            *of("spark.Request", "queryParams params body headers cookie queryString"),
            *of("io.vertx.core.http.HttpServerRequest", "getParam getHeader getFormAttribute params"),
            *of("org.springframework.web.context.request.WebRequest", "getParameter getHeader"),
            *of("org.springframework.web.reactive.function.server.ServerRequest", "queryParam pathVariable headers"),
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(of("java.util.zip.ZipEntry", "getName"), Origin.FILE, "a name in an archive"),
    Source(("System.getenv", "System.getProperty"), Origin.ENVIRONMENT, "the environment"),
)

TYPES: tuple[Model, ...] = (
    Returns(of("java.util.zip.ZipInputStream", "getNextEntry"), "java.util.zip.ZipEntry"),
    Returns(of("javax.xml.stream.XMLInputFactory", "newInstance newFactory"), "javax.xml.stream.XMLInputFactory"),
    Returns(of("javax.xml.transform.TransformerFactory", "newInstance"), "javax.xml.transform.TransformerFactory"),
    Returns(
        of(WEB_CLIENT, "get post put delete patch create method mutate build uri headers"),
        WEB_CLIENT,
    ),
    Returns(of("org.slf4j.LoggerFactory", "getLogger"), "org.slf4j.Logger"),
    Returns(of("org.apache.logging.log4j.LogManager", "getLogger"), "org.apache.logging.log4j.Logger"),
    Returns(of("java.util.logging.Logger", "getLogger"), "java.util.logging.Logger"),
    Returns(of("java.sql.Connection", "createStatement prepareStatement prepareCall"), "java.sql.Statement"),
    Returns(of("java.sql.DriverManager javax.sql.DataSource", "getConnection"), "java.sql.Connection"),
    Returns(("Runtime.getRuntime",), "Runtime"),
    Returns(of("javax.script.ScriptEngineManager", "getEngineByName"), "javax.script.ScriptEngine"),
    Returns(of("javax.xml.parsers.DocumentBuilderFactory", "newInstance"), "javax.xml.parsers.DocumentBuilderFactory"),
    Returns(of("javax.xml.parsers.SAXParserFactory", "newSAXParser"), "javax.xml.parsers.SAXParser"),
    Returns(of("javax.xml.parsers.SAXParserFactory", "newInstance"), "javax.xml.parsers.SAXParserFactory"),
    Returns(of(ANSWER, "getWriter getOutputStream"), "javax.servlet.Writer"),
    Returns(of("javax.naming.directory.InitialDirContext", ""), "javax.naming.directory.DirContext"),
    Returns(of("javax.xml.xpath.XPathFactory", "newXPath"), "javax.xml.xpath.XPath"),
    Returns(of("javax.xml.parsers.DocumentBuilderFactory", "newDocumentBuilder"), "javax.xml.parsers.DocumentBuilder"),
    Returns(of("javax.persistence.EntityManagerFactory", "createEntityManager"), "javax.persistence.EntityManager"),
)

SINKS: tuple[Model, ...] = (
    Sink(
        (
            *of(STATEMENT, "execute executeQuery executeUpdate executeLargeUpdate addBatch"),
            *of("java.sql.Connection", "prepareStatement prepareCall nativeSQL"),
            *of(
                "org.springframework.jdbc.core.JdbcTemplate org.springframework.jdbc.core.NamedParameterJdbcTemplate",
                "query queryForObject queryForList queryForMap queryForRowSet update execute batchUpdate",
            ),
            *of(
                "javax.persistence.EntityManager jakarta.persistence.EntityManager org.hibernate.Session",
                "createQuery createNativeQuery createSQLQuery",
            ),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.executeQuery", "*.executeUpdate", "*.createNativeQuery", "*.prepareStatement", "*.queryForObject"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(("Runtime.exec",), Danger.COMMAND, SHELL_COMMAND, severity=Severity.CRITICAL),
    Sink(
        ("ProcessBuilder", "ProcessBuilder.command"),
        Danger.COMMAND,
        SHELL_COMMAND,
        args=(ANY,),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *of("javax.script.ScriptEngine groovy.lang.GroovyShell", "eval evaluate parse"),
            *of("org.springframework.expression.spel.standard.SpelExpressionParser", "parseExpression"),
            *of("org.springframework.expression.ExpressionParser", "parseExpression"),
            *of("ognl.Ognl", "getValue parseExpression"),
        ),
        Danger.CODE,
        CODE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *new("java.io.File java.io.FileInputStream java.io.FileOutputStream java.io.FileReader java.io.FileWriter"),
            *of("java.nio.file.Paths java.nio.file.Path", "get of"),
            *of("java.nio.file.Path", "resolve"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1),
    ),
    Sink(
        (
            *new("java.net.URL"),
            *of("java.net.URI", "create"),
            *of(
                "org.springframework.web.client.RestTemplate",
                "getForObject getForEntity postForObject postForEntity exchange put delete",
            ),
            *of("org.jsoup.Jsoup", "connect"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
    ),
    Sink(of(ANSWER, "sendRedirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(new("org.springframework.web.servlet.view.RedirectView"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(of(ANSWER, "setHeader addHeader"), Danger.HEADER, HEADER_INJECTION, args=(1,)),
    Sink(
        ("javax.servlet.Writer.print", "javax.servlet.Writer.println", "javax.servlet.Writer.write"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(ANY,),
    ),
    Sink(("spring.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]"),
    Sink(
        new("java.io.ObjectInputStream java.beans.XMLDecoder"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of("org.yaml.snakeyaml.Yaml com.thoughtworks.xstream.XStream", "load loadAll fromXML"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(of("javax.naming.directory.DirContext", "search"), Danger.LDAP, LDAP_INJECTION, args=(1,)),
    Sink(of("javax.xml.xpath.XPath", "evaluate compile"), Danger.XPATH, XPATH_INJECTION),
    Sink(
        of("javax.xml.parsers.DocumentBuilder javax.xml.parsers.SAXParser org.xml.sax.XMLReader", "parse"),
        Danger.XML,
        XML_ENTITIES,
    ),
    Sink(
        of(
            "org.dom4j.io.SAXReader org.jdom2.input.SAXBuilder org.apache.commons.digester3.Digester nu.xom.Builder",
            "read build parse",
        ),
        Danger.XML,
        XML_ENTITIES,
    ),
    Sink(
        of("javax.xml.stream.XMLInputFactory", "createXMLStreamReader createXMLEventReader"), Danger.XML, XML_ENTITIES
    ),
    Sink(
        (
            *new("freemarker.template.Template"),
            *of("org.apache.velocity.app.Velocity org.apache.velocity.app.VelocityEngine", "evaluate"),
            *of("org.thymeleaf.TemplateEngine org.thymeleaf.spring6.SpringTemplateEngine", "process"),
            *of("com.hubspot.jinjava.Jinjava", "render"),
            *of("io.pebbletemplates.pebble.PebbleEngine", "getLiteralTemplate"),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, 1, 3),
        severity=Severity.CRITICAL,
    ),
    Sink(
        new("org.springframework.data.mongodb.core.query.BasicQuery"),
        Danger.NOSQL,
        NOSQL_INJECTION,
    ),
    Sink(of(LOGGERS, "info debug warn error trace warning severe fine"), Danger.LOG, LOG_INJECTION, args=(ANY,)),
    Sink(of(WEB_CLIENT, "uri create"), Danger.URL, URL_FROM_REQUEST),
    Sink(new("java.net.Socket"), Danger.URL, URL_FROM_REQUEST),
    Sink(
        (
            *of("java.nio.file.Files", "readAllBytes readString lines newInputStream write delete copy"),
            *new("java.io.RandomAccessFile java.io.PrintWriter"),
            *of("org.springframework.util.ResourceUtils", "getFile"),
            *of("javax.servlet.http.Part jakarta.servlet.http.Part", "write"),
            *new("org.springframework.core.io.FileSystemResource org.springframework.core.io.UrlResource"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
    ),
    Sink(
        of("javax.jdo.PersistenceManager org.hibernate.query.QueryProducer", "newQuery createQuery createNativeQuery"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *("*.createQuery", "*.createSQLQuery", "*.createNativeQuery", "*.executeQuery", "*.executeUpdate"),
            *("*.prepareStatement", "*.queryForList", "*.queryForObject", "*.queryForMap", "*.rawQuery", "*.execSQL"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=r"(?i)\b(?:select|insert|update|delete|from|where)\b",
        severity=Severity.CRITICAL,
    ),
    Sink(("Class.forName",), Danger.REFLECTION, UNSAFE_REFLECTION),
    Sink(of("java.util.regex.Pattern", "compile matches"), Danger.REGEX, REGEX_FROM_REQUEST),
    Sink(("*.matches",), Danger.REGEX, REGEX_FROM_REQUEST, when=(When((1,), (), absent=True),)),
    Sink(("*.replaceAll", "*.replaceFirst"), Danger.REGEX, REGEX_FROM_REQUEST),
)

CLEANERS: tuple[Model, ...] = (
    Harmless(
        (
            *of("java.lang.Integer java.lang.Long java.lang.Double java.lang.Boolean", "parseInt parseLong valueOf"),
            *of("java.lang.Double java.lang.Float java.lang.Boolean", "parseDouble parseFloat parseBoolean"),
            *of("java.util.UUID", "fromString"),
            *of(STATEMENT, "execute executeQuery executeUpdate"),
            *of(
                "org.springframework.jdbc.core.JdbcTemplate org.springframework.jdbc.core.NamedParameterJdbcTemplate",
                "query queryForObject queryForList queryForMap queryForRowSet update execute",
            ),
            *of(
                "javax.persistence.EntityManager jakarta.persistence.EntityManager",
                "createQuery createNativeQuery find",
            ),
            *of("java.time.LocalDate", "parse"),
            *("*.matches", "*.equals", "*.equalsIgnoreCase", "*.startsWith", "*.endsWith", "*.contains", "*.isEmpty"),
            *("*.isBlank", "*.length", "*.indexOf", "*.lastIndexOf", "*.compareTo", "*.hashCode"),
        )
    ),
    Sanitizer(
        (
            *of("org.springframework.web.util.HtmlUtils", "htmlEscape"),
            *of("org.apache.commons.text.StringEscapeUtils org.apache.commons.lang3.StringEscapeUtils", "escapeHtml4"),
            *of("org.owasp.encoder.Encode", "forHtml forHtmlContent forHtmlAttribute forJavaScript"),
            *of("org.jsoup.Jsoup", "clean"),
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(of("org.springframework.ldap.support.LdapEncoder", "filterEncode nameEncode"), frozenset({Danger.LDAP})),
    Sanitizer(of("org.springframework.util.StringUtils", "getFilename"), frozenset({Danger.PATH})),
    Sanitizer(of("java.util.regex.Pattern", "quote"), frozenset({Danger.REGEX})),
    Sanitizer(of("java.net.URLEncoder", "encode"), ALL_DANGERS - {Danger.RESOURCE}),
    Sanitizer(of("org.apache.commons.io.FilenameUtils", "getName"), frozenset({Danger.PATH})),
    Through(("StringBuilder.append", "StringBuffer.append", "*.append"), (RECEIVER, 0), into=RECEIVER),
)

MODELS: tuple[Model, ...] = (*SOURCES, *TYPES, *SINKS, *CLEANERS)


def _classes() -> dict[str, tuple[str, ...]]:
    """The classes that the tables speak of, by package."""
    found: dict[str, dict[str, None]] = {}
    for model in MODELS:
        for name in _names(model):
            package, class_name = _package_and_class(name)
            if package:
                found.setdefault(package, {})[class_name] = None
    return {package: tuple(classes) for package, classes in found.items()}


def _names(model: Model) -> tuple[str, ...]:
    if isinstance(model, EntryPoint):
        return model.decorators
    return (
        (*model.names, model.type) if isinstance(model, Returns) else () if isinstance(model, Subtype) else model.names
    )


def _package_and_class(name: str) -> tuple[str, str]:
    """`java.io.File.delete` is in the package `java.io` and its class `File`; a bare class is in `java.lang`."""
    parts = name.split(".")
    at = next((number for number, part in enumerate(parts) if part[:1].isupper()), None)
    return ("", "") if at is None else (".".join(parts[:at]) or "java.lang", parts[at])


CLASSES = _classes()
"""What an import with `*` brings in, as far as the tables know; of `java.lang`, what needs no import."""
