"""Texts that Java's programs run, parse or look up: SQL, commands, expressions, templates, objects."""

from server.analysis.flow.models import RECEIVER, Danger, Harmless, Model, Returns, Sanitizer, Sink, Subtype, When
from server.analysis.flow.rules import (
    JNDI_LOOKUP,
    LDAP_INJECTION,
    NOSQL_INJECTION,
    REGEX_FROM_REQUEST,
    UNSAFE_REFLECTION,
    XPATH_INJECTION,
)
from server.analysis.java.models.words import ENTITY_MANAGERS, JDBC, STATEMENT, new, of
from server.analysis.rules import (
    CODE_FROM_TEXT,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
)
from server.reviews.finding import Confidence, Severity

DIRECTORY = "javax.naming.directory.DirContext"
CONTEXT = "javax.naming.Context"
OBJECTS = "java.io.ObjectInputStream"
XSTREAM = "com.thoughtworks.xstream.XStream"
YAML = "org.yaml.snakeyaml.Yaml"

DATABASES: tuple[Model, ...] = (
    Returns(of("java.sql.Connection", "createStatement prepareStatement prepareCall"), "java.sql.Statement"),
    Returns(of("java.sql.DriverManager javax.sql.DataSource", "getConnection"), "java.sql.Connection"),
    Returns(of("javax.persistence.EntityManagerFactory", "createEntityManager"), "javax.persistence.EntityManager"),
    Returns(of("jakarta.persistence.EntityManagerFactory", "createEntityManager"), "jakarta.persistence.EntityManager"),
    Returns(of("org.hibernate.SessionFactory", "getCurrentSession openSession"), "org.hibernate.Session"),
    Returns(of("org.jooq.impl.DSL", "using"), "org.jooq.DSLContext"),
    Sink(
        (
            *of(STATEMENT, "execute executeQuery executeUpdate executeLargeUpdate addBatch"),
            *of("java.sql.Connection", "prepareStatement prepareCall nativeSQL"),
            *of(
                JDBC,
                "query queryForObject queryForList queryForMap queryForRowSet queryForStream update execute"
                " batchUpdate",
            ),
            *of(
                ENTITY_MANAGERS,
                "createQuery createNativeQuery createSQLQuery createMutationQuery createNativeMutationQuery"
                " createSelectionQuery",
            ),
            *of(
                "javax.jdo.PersistenceManager org.hibernate.query.QueryProducer",
                "newQuery createQuery createNativeQuery",
            ),
            *of("org.springframework.jdbc.core.simple.JdbcClient", "sql"),
            *of("org.springframework.r2dbc.core.DatabaseClient", "sql"),
            *of("io.r2dbc.spi.Connection", "createStatement"),
            *of("org.hibernate.criterion.Restrictions", "sqlRestriction"),
            *of("org.springframework.data.jpa.domain.JpaSort", "unsafe"),
            *of("org.jooq.DSLContext", "fetch fetchOne execute query resultQuery"),
            *of("org.jooq.impl.DSL", "sql condition"),
            *of("io.vertx.sqlclient.SqlClient io.vertx.sqlclient.Pool", "query preparedQuery"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of("org.apache.commons.dbutils.QueryRunner", "query update execute batch insert"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, 1),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.executeQuery", "*.executeUpdate", "*.createNativeQuery", "*.prepareStatement", "*.queryForObject"),
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
    Sink(
        (
            *new("org.springframework.data.mongodb.core.query.BasicQuery"),
            *of("org.bson.Document com.mongodb.BasicDBObject", "parse"),
        ),
        Danger.NOSQL,
        NOSQL_INJECTION,
    ),
)

COMMANDS: tuple[Model, ...] = (
    Returns(("Runtime.getRuntime",), "Runtime"),
    Sink(("Runtime.exec",), Danger.COMMAND, SHELL_COMMAND, severity=Severity.CRITICAL),
    Sink(
        of("org.apache.commons.exec.CommandLine", "parse"),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("ProcessBuilder", "ProcessBuilder.command"),
        Danger.ARGUMENT,
        SHELL_COMMAND,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        message="chooses the program that runs, or its options",
    ),
    Sink(
        ("ProcessBuilder", "ProcessBuilder.command"),
        Danger.COMMAND,
        SHELL_COMMAND,
        args=(2,),
        when=(When((1,), ("-c", "-lc", "/c", "/C", "-Command", "-e")),),
        severity=Severity.CRITICAL,
    ),
)

EXPRESSIONS: tuple[Model, ...] = (
    Returns(
        of("javax.script.ScriptEngineManager", "getEngineByName getEngineByExtension getEngineByMimeType"),
        "javax.script.ScriptEngine",
    ),
    Sink(
        (
            *of("javax.script.ScriptEngine groovy.lang.GroovyShell", "eval evaluate parse run"),
            *of("javax.script.Compilable", "compile"),
            *of("groovy.lang.GroovyClassLoader", "parseClass"),
            *of("groovy.util.Eval", "me x xy"),
            *of(
                "org.springframework.expression.spel.standard.SpelExpressionParser"
                " org.springframework.expression.ExpressionParser",
                "parseExpression parseRaw",
            ),
            *of("ognl.Ognl", "getValue setValue parseExpression"),
            *of("org.mvel2.MVEL", "eval compileExpression executeExpression"),
            *of(
                "org.apache.commons.jexl3.JexlEngine org.apache.commons.jexl2.JexlEngine",
                "createExpression createScript",
            ),
            *of("javax.el.ELProcessor jakarta.el.ELProcessor", "eval getValue"),
            *of("com.googlecode.aviator.AviatorEvaluator", "execute compile"),
            *of("bsh.Interpreter", "eval"),
            *of(
                "javax.validation.ConstraintValidatorContext jakarta.validation.ConstraintValidatorContext",
                "buildConstraintViolationWithTemplate",
            ),
        ),
        Danger.CODE,
        CODE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of("javax.el.ExpressionFactory jakarta.el.ExpressionFactory", "createValueExpression createMethodExpression"),
        Danger.CODE,
        CODE_FROM_TEXT,
        args=(1,),
        severity=Severity.CRITICAL,
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
        (
            "spring.view",
            *new("org.springframework.web.servlet.ModelAndView"),
            *of("org.springframework.web.servlet.ModelAndView", "setViewName"),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        text=r"^(?!redirect:|forward:)",
        message="names the view, in which Thymeleaf runs what stands between __${ and }__",
    ),
    Sink(
        ("Class.forName", "ClassLoader.loadClass", "Class.getMethod", "Class.getDeclaredMethod"),
        Danger.REFLECTION,
        UNSAFE_REFLECTION,
    ),
    Sink(of("java.util.regex.Pattern", "compile matches"), Danger.REGEX, REGEX_FROM_REQUEST),
    Sink(("*.matches",), Danger.REGEX, REGEX_FROM_REQUEST, when=(When((1,), (), absent=True),)),
    Sink(("*.replaceAll", "*.replaceFirst"), Danger.REGEX, REGEX_FROM_REQUEST),
)

OBJECT_READERS: tuple[Model, ...] = (
    Harmless(of(OBJECTS, "readObject")),
    Returns(new(OBJECTS), OBJECTS),
    Sanitizer(of(OBJECTS, "setObjectInputFilter"), frozenset({Danger.DESERIALIZATION}), into=RECEIVER),
    Returns(of(XSTREAM, "allowTypes allowTypesByWildcard addPermission"), f"{XSTREAM}.Limited", into=RECEIVER),
    Sink(
        (
            *of(OBJECTS, "readObject readUnshared"),
            *of("com.caucho.hessian.io.HessianInput com.caucho.hessian.io.Hessian2Input", "readObject"),
        ),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(RECEIVER,),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *new("java.beans.XMLDecoder"),
            *of(XSTREAM, "fromXML unmarshal"),
            *of("com.esotericsoftware.kryo.Kryo", "readClassAndObject"),
            *of(
                "org.apache.commons.lang3.SerializationUtils org.apache.commons.lang.SerializationUtils"
                " org.springframework.util.SerializationUtils",
                "deserialize",
            ),
        ),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Returns(new(YAML), f"{YAML}.Safe", when=(When((0,), ("org.yaml.snakeyaml.constructor.SafeConstructor",)),)),
    Returns(new(YAML), YAML),
    Returns(new("org.yaml.snakeyaml.constructor.SafeConstructor"), "org.yaml.snakeyaml.constructor.SafeConstructor"),
    Sink(
        of(YAML, "load loadAll"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of("com.alibaba.fastjson.JSON com.alibaba.fastjson.JSONObject", "parse parseObject"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        when=(When((1,), (), absent=True),),
        confidence=Confidence.LOW,
    ),
)

DIRECTORIES: tuple[Model, ...] = (
    *(
        Subtype(f"javax.naming.{name}", DIRECTORY)
        for name in ("directory.InitialDirContext", "ldap.LdapContext", "ldap.InitialLdapContext")
    ),
    Subtype(DIRECTORY, CONTEXT),
    Subtype("javax.naming.InitialContext", CONTEXT),
    Sink(
        (*of(DIRECTORY, "search"), *of("org.springframework.ldap.core.LdapTemplate", "search authenticate")),
        Danger.LDAP,
        LDAP_INJECTION,
        args=(1,),
    ),
    Sink(
        (
            *of(f"{CONTEXT} org.springframework.jndi.JndiTemplate", "lookup"),
            *of("javax.naming.InitialContext", "doLookup"),
            *of("com.sun.rowset.JdbcRowSetImpl", "setDataSourceName"),
        ),
        Danger.REFLECTION,
        JNDI_LOOKUP,
    ),
    Returns(of("javax.xml.xpath.XPathFactory", "newXPath"), "javax.xml.xpath.XPath"),
    Sink(of("javax.xml.xpath.XPath", "evaluate compile"), Danger.XPATH, XPATH_INJECTION),
    Harmless(of("javax.xml.xpath.XPath", "evaluate")),
    Sink(("*.selectSingleNode", "*.selectNodes"), Danger.XPATH, XPATH_INJECTION),
    Sanitizer(of("org.springframework.ldap.support.LdapEncoder", "filterEncode nameEncode"), frozenset({Danger.LDAP})),
    Sanitizer(of("java.util.regex.Pattern", "quote"), frozenset({Danger.REGEX})),
)

MODELS: tuple[Model, ...] = (*DATABASES, *COMMANDS, *EXPRESSIONS, *OBJECT_READERS, *DIRECTORIES)
