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
)
from server.analysis.flow.rules import LOG_INJECTION
from server.analysis.java.models import addresses, files, programs
from server.analysis.java.models.words import (
    ANSWER,
    ENTITY_MANAGERS,
    JDBC,
    LOGGERS,
    SERVLET,
    SPRING,
    STATEMENT,
    new,
    of,
)
from server.analysis.rules import HTML_FROM_TEXT

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
    EntryPoint(Origin.REQUEST, "a parameter of the request", decorators=("spring.viewed",), answers="spring.view"),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of the request",
        decorators=(
            *(f"{p}{n}" for n in ("GET", "POST", "PUT", "DELETE", "PATCH") for p in ("javax.ws.rs.", "jakarta.ws.rs.")),
            *of("io.micronaut.http.annotation", "Get Post Put Delete Patch"),
        ),
        answers="spring.answer",
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a message",
        decorators=(
            *of("org.springframework.messaging.handler.annotation", "MessageMapping"),
            *("org.springframework.kafka.annotation.KafkaListener", "org.springframework.jms.annotation.JmsListener"),
            "org.springframework.amqp.rabbit.annotation.RabbitListener",
        ),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a value that is validated",
        bases=of("javax.validation jakarta.validation", "ConstraintValidator"),
        methods=("isValid",),
        types=((1, "javax.validation.ConstraintValidatorContext"),),
    ),
    Source(
        of("com.sun.net.httpserver.HttpExchange", "getRequestURI getRequestBody getRequestHeaders"),
        Origin.REQUEST,
        "the request",
    ),
    Source(of("java.sql.ResultSet", "getString getObject getNString"), Origin.DATABASE, "a row of the database"),
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
    Source(("System.getenv", "System.getProperty"), Origin.ENVIRONMENT, "the environment"),
)

ANSWERS: tuple[Model, ...] = (
    Returns(of("org.slf4j.LoggerFactory", "getLogger"), "org.slf4j.Logger"),
    Returns(of("org.apache.logging.log4j.LogManager", "getLogger"), "org.apache.logging.log4j.Logger"),
    Returns(of("java.util.logging.Logger", "getLogger"), "java.util.logging.Logger"),
    Returns(of(ANSWER, "getWriter getOutputStream"), "javax.servlet.Writer"),
    Sink(
        of("javax.servlet.Writer", "print println write printf format append"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(ANY,),
    ),
    Sink(("spring.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]"),
    Sink(of(LOGGERS, "info debug warn error trace warning severe fine"), Danger.LOG, LOG_INJECTION, args=(ANY,)),
)

CLEANERS: tuple[Model, ...] = (
    Harmless(
        (
            *of("java.lang.Integer java.lang.Long java.lang.Double java.lang.Boolean", "parseInt parseLong valueOf"),
            *of("java.lang.Double java.lang.Float java.lang.Boolean", "parseDouble parseFloat parseBoolean"),
            *of("java.util.UUID", "fromString"),
            *of(STATEMENT, "execute executeQuery executeUpdate"),
            *of(JDBC, "query queryForObject queryForList queryForMap queryForRowSet update execute"),
            *of(ENTITY_MANAGERS, "createQuery createNativeQuery find"),
            *of("java.time.LocalDate", "parse"),
            *("*.matches", "*.equalsIgnoreCase", "*.startsWith", "*.endsWith", "*.isEmpty", "*.isBlank"),
            *("*.length", "*.size", "*.indexOf", "*.lastIndexOf", "*.compareTo", "*.hashCode"),
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
    Sanitizer(of("java.net.URLEncoder", "encode"), ALL_DANGERS - {Danger.RESOURCE}),
    Returns(of("java.util.Base64", "getDecoder getUrlDecoder getMimeDecoder"), "java.util.Base64.Decoder"),
    Through(
        (
            *of("java.util.Base64.Decoder", "decode"),
            *of("org.apache.commons.codec.binary.Base64", "decodeBase64"),
            *new("java.io.ByteArrayInputStream java.io.BufferedInputStream java.util.zip.GZIPInputStream"),
            *new("java.util.zip.InflaterInputStream java.io.StringReader java.io.InputStreamReader"),
            *new("java.io.BufferedReader"),
        ),
        (0,),
    ),
    Through(("StringBuilder.append", "StringBuffer.append", "*.append"), (RECEIVER, 0), into=RECEIVER),
)

MODELS: tuple[Model, ...] = (
    *SOURCES,
    *ANSWERS,
    *CLEANERS,
    *files.MODELS,
    *addresses.MODELS,
    *programs.MODELS,
)


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
    if isinstance(model, Subtype):
        return model.type, model.base
    return (*model.names, model.type) if isinstance(model, Returns) else model.names


def _package_and_class(name: str) -> tuple[str, str]:
    """`java.io.File.delete` is in the package `java.io` and its class `File`; a bare class is in `java.lang`."""
    parts = name.split(".")
    at = next((number for number, part in enumerate(parts) if part[:1].isupper()), None)
    return ("", "") if at is None else (".".join(parts[:at]) or "java.lang", parts[at])


CLASSES = _classes()
"""What an import with `*` brings in, as far as the tables know; of `java.lang`, what needs no import."""
