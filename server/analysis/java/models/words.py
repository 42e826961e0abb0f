"""How the tables name methods and constructors of Java, and the classes that many of them speak of."""

SERVLET = (
    "javax.servlet.http.HttpServletRequest jakarta.servlet.http.HttpServletRequest javax.servlet.ServletRequest"
    " jakarta.servlet.ServletRequest"
)
ANSWER = "javax.servlet.http.HttpServletResponse jakarta.servlet.http.HttpServletResponse"
STATEMENT = "java.sql.Statement java.sql.PreparedStatement"
SPRING = "org.springframework.web.bind.annotation"
WEB_CLIENT = "org.springframework.web.reactive.function.client.WebClient"
LOGGERS = "org.slf4j.Logger org.apache.logging.log4j.Logger java.util.logging.Logger"
ENTITY_MANAGERS = "javax.persistence.EntityManager jakarta.persistence.EntityManager org.hibernate.Session"
JDBC = (
    "org.springframework.jdbc.core.JdbcTemplate org.springframework.jdbc.core.NamedParameterJdbcTemplate"
    " org.springframework.jdbc.core.JdbcOperations"
)
PART = "javax.servlet.http.Part jakarta.servlet.http.Part"


def of(classes: str, names: str) -> tuple[str, ...]:
    """Methods of classes; those of `java.lang` have no package in the tables."""
    prefixes = [name.removeprefix("java.lang.") for name in classes.split()]
    return tuple(f"{prefix}.{method}" for prefix in prefixes for method in names.split())


def new(classes: str) -> tuple[str, ...]:
    """Constructors."""
    return tuple(classes.split())
