"""Databases: drivers and mappers of SQL, MongoDB, directories and XPath."""

from server.analysis.flow.models import (
    Calls,
    Danger,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Subtype,
)
from server.analysis.flow.rules import LDAP_INJECTION, MASS_ASSIGNMENT, NOSQL_INJECTION, XPATH_INJECTION
from server.analysis.javascript.models.names import methods, under
from server.analysis.rules import SQL_FROM_TEXT
from server.reviews.finding import Confidence, Severity

_SQL_WORDS = (
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bupdate\b.+\bset\b|\bdelete\s+from\b|\bwhere\b.*[=<>]|\border\s+by\b"
    r"|\bcall\s+\w|\bunion\b|\bexec(?:ute)?\s+\w|\b(?:drop|create|alter)\s+(?:table|database|user|view|index)\b"
)

_SQL_PARTS = (
    r"\b(?:sum|count|avg|min|max|coalesce|lower|upper|date_trunc|extract|concat|cast)\s*\(|\bas\s+\w+\s*$|::\w+"
    r"|^\s*(?:analyze|vacuum|truncate|lock|refresh|grant|set|explain)\s"
)
"""What stands in a part of a statement that a builder puts together."""

_MYSQL = "mysql.Connection"

_SQL: tuple[Model, ...] = (
    Returns(
        (
            *under("mysql", "createConnection createPool createPoolCluster"),
            *under("mysql2", "createConnection createPool"),
            *under("mysql2.promise", "createConnection createPool"),
            *under("promise-mysql", "createConnection createPool"),
            *under("mariadb", "createConnection createPool"),
            *under(_MYSQL, "promise getConnection of"),
        ),
        _MYSQL,
    ),
    Calls(under(_MYSQL, "getConnection"), 0, parameters=("", _MYSQL)),
    Sink(under(_MYSQL, "query execute batch"), Danger.SQL, SQL_FROM_TEXT, (0, "sql"), severity=Severity.CRITICAL),
    Returns(("pg.Pool.connect",), "pg.Client"),
    Calls(("pg.Pool.connect",), 0, parameters=("", "pg.Client", "")),
    Sink(("pg.Pool.query", "pg.Client.query"), Danger.SQL, SQL_FROM_TEXT, (0, "text"), severity=Severity.CRITICAL),
    Returns(("sqlite3.verbose",), "sqlite3"),
    Returns(("better-sqlite3",), "better-sqlite3"),
    Returns(("sequelize",), "sequelize.Sequelize"),
    Returns(("sqlite.open",), "sqlite3.Database"),
    Sink(
        under("sqlite3.Database", "run get all each exec prepare"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(under("better-sqlite3", "prepare exec pragma"), Danger.SQL, SQL_FROM_TEXT, severity=Severity.CRITICAL),
    Sink(
        ("@aws-sdk.client-dynamodb.ExecuteStatementCommand", "@aws-sdk.lib-dynamodb.ExecuteStatementCommand"),
        Danger.SQL,
        SQL_FROM_TEXT,
        ("Statement",),
        severity=Severity.CRITICAL,
    ),
    Sink(
        methods("whereRaw orWhereRaw andWhereRaw havingRaw orderByRaw groupByRaw joinRaw fromRaw selectRaw"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("sequelize.Sequelize", "query literal"),
            "sequelize.literal",
            "sequelize.query",
            "sequelize.Sequelize.literal",
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Subtype("sequelize", "sequelize.Sequelize"),
    Sink(
        methods("$queryRawUnsafe $executeRawUnsafe $queryRaw $executeRaw"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        methods(
            "query execute executeQuery all get run each exec prepare raw unsafe one oneOrNone many manyOrNone any none"
            " multi queryAsync executeSql literal simpleQuery queryOne queryAll runQuery runSql executeAsync"
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        (0, "sql", "text", "query"),
        text=_SQL_WORDS,
        severity=Severity.CRITICAL,
    ),
    Sink(methods("raw"), Danger.SQL, SQL_FROM_TEXT, text=_SQL_PARTS, severity=Severity.CRITICAL),
    Sink(
        methods("where andWhere orWhere having andHaving orHaving"),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=r"[\w.`\"]+\s*(?:=|<|>|\blike\b|\bin\b|\bilike\b)",
        severity=Severity.CRITICAL,
    ),
    Sink(methods("orderBy addOrderBy groupBy"), Danger.SQL, SQL_FROM_TEXT, confidence=Confidence.LOW),
    Sanitizer(
        (
            *("mysql.escape", "mysql.escapeId", "mysql.format", "mysql2.escape", "mysql2.escapeId", "mysql2.format"),
            *(
                "sqlstring.escape",
                "sqlstring.format",
                "pg-format",
                "*.escapeLiteral",
                "*.escapeIdentifier",
                "*.escapeId",
            ),
            *("*.escape", "pg.escapeLiteral", "pg.escapeIdentifier", "pg-promise.as.format"),
        ),
        frozenset({Danger.SQL}),
    ),
)

_FILTERS = (
    "find findOne findOneAndUpdate findOneAndDelete findOneAndRemove findOneAndReplace updateOne updateMany deleteOne"
    " deleteMany count countDocuments distinct exists where replaceOne remove update aggregate"
)

_NOSQL: tuple[Model, ...] = (
    Returns(("mongoose.model", "*.collection"), "mongoose.Model"),
    Returns(("mongoose.connection.collection",), "mongoose.Model"),
    Sink(under("mongoose.Model", _FILTERS), Danger.NOSQL, NOSQL_INJECTION),
    Sink(
        (
            *methods("find findOne count countDocuments updateOne update"),
            *under("mongoose.Model", "find findOne $where"),
        ),
        Danger.CODE,
        NOSQL_INJECTION,
        ("$where",),
        severity=Severity.CRITICAL,
    ),
    Sink(methods("$where"), Danger.CODE, NOSQL_INJECTION, severity=Severity.CRITICAL),
)

_WHOLE_OBJECTS: tuple[Model, ...] = (
    Sink(
        (
            *under("mongoose.Model", "create insertMany insertOne"),
            *under("mongoose.Model", "bulkCreate build"),
            "mongoose.Model.__call__",
        ),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
    ),
    Sink(
        under("mongoose.Model", "findByIdAndUpdate findOneAndUpdate updateOne updateMany update replaceOne"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        (1,),
    ),
    Sink(methods("findByIdAndUpdate findOneAndUpdate"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, (1,)),
    Sink(
        (
            *under("mongoose.Model", "updateOne updateMany update"),
            *methods("findByIdAndUpdate findOneAndUpdate"),
        ),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        (1,),
        key="$set",
    ),
    Sink(methods("create bulkCreate"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, confidence=Confidence.MEDIUM),
    Sink(methods("update updateAttributes"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, confidence=Confidence.MEDIUM),
    Sink(methods("save insert"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, confidence=Confidence.MEDIUM),
    Sink(methods("update"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, (1,), confidence=Confidence.MEDIUM),
    Sink(methods("create update upsert"), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, ("data",)),
    Sink(("Object.assign",), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, (1, 2)),
)

_OTHERS: tuple[Model, ...] = (
    Returns(("ldapjs.createClient",), "ldapjs.Client"),
    Sink(("ldapjs.Client.search", "ldapts.Client.search"), Danger.LDAP, LDAP_INJECTION, (0, 1, "filter")),
    Sanitizer(("ldap-escape.filter", "ldap-escape.dn", "ldapjs.escapeDN", "*.escapeFilter"), frozenset({Danger.LDAP})),
    Sink(
        (*under("xpath", "select select1 parse evaluate useNamespaces"), "document.evaluate"),
        Danger.XPATH,
        XPATH_INJECTION,
    ),
)

_FOUND = (
    *under("mongoose.Model", "find findOne findById findOneAndUpdate findByIdAndUpdate findAll findByPk aggregate"),
    *methods("findById findOne findByPk findAll findUnique findUniqueOrThrow findFirst findMany findOneBy findOrFail"),
    *under(_MYSQL, "query execute"),
    *("pg.Pool.query", "pg.Client.query", "sqlite3.Database.get", "sqlite3.Database.all"),
)

_ROWS: tuple[Model, ...] = (
    Source(_FOUND, Origin.DATABASE, "what the database holds"),
    Harmless(_FOUND),
)
"""What is found is not what was asked with."""

MODELS: tuple[Model, ...] = (*_SQL, *_NOSQL, *_ROWS, *_WHOLE_OBJECTS, *_OTHERS)
