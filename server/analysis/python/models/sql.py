"""Databases: every driver's cursor and connection, and what takes SQL as text in the ORMs.

Values that go beside the statement are no concern here: only the statement's own text is. What a query gives back was
chosen by whoever filled the database, not by the request that looked it up.
"""

from server.analysis.flow.models import (
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
from server.analysis.flow.words import of_each, under
from server.analysis.rules import SQL_FROM_TEXT
from server.reviews.finding import Confidence, Severity

CURSOR = "dbapi.Cursor"
CONNECTION = "dbapi.Connection"
SESSION = "sqlalchemy.orm.Session"
ENGINE = "sqlalchemy.engine.Engine"
LINK = "sqlalchemy.engine.Connection"
QUERY = "sqlalchemy.orm.Query"
RESULT = "sqlalchemy.engine.Result"

_STATEMENT = (0, "sql", "query", "statement", "operation", "stmt")

SQL_TEXT = (
    r"\bselect\b.+\bfrom\b|\binsert\s+(?:or\s+\w+\s+)?into\b|\bupdate\b.+\bset\b|\bdelete\s+from\b|\breplace\s+into\b"
    r"|\bwhere\b|\border\s+by\b|\b(?:drop|alter|create|truncate)\s+(?:table|database|user|role|schema|index|view)\b"
    r"|\bunion\s+(?:all\s+)?select\b|\bcall\s+\w|\bexec(?:ute)?\s+\w|\bpragma\b|\bvalues\s*\("
)

_DRIVERS = (
    *("sqlite3", "psycopg2", "psycopg2.extensions", "psycopg", "MySQLdb", "pymysql", "mysql.connector", "pyodbc"),
    *("cx_Oracle", "oracledb", "pymssql", "duckdb", "ibm_db_dbi", "snowflake.connector", "mariadb", "jaydebeapi"),
    *("psycopg2cffi", "trino.dbapi", "pyhive.hive", "pyhive.presto", "redshift_connector", "vertica_python", "apsw"),
    *("aiosqlite", "aiomysql", "aiopg", "sqlite_utils", "pg8000", "pg8000.dbapi", "impala.dbapi", "databricks.sql"),
    *("pysqlite2.dbapi2", "sqlite3.dbapi2", "pysqlcipher3.dbapi2", "sqlcipher3.dbapi2", "asyncmy", "libsql"),
)

_DRIVER_MODELS: tuple[Model, ...] = (
    Returns(of_each(_DRIVERS, "connect Connect Connection"), CONNECTION),
    *(Subtype(f"{driver}.{name}", CONNECTION) for driver in _DRIVERS for name in ("Connection", "connection")),
    *(Subtype(f"{driver}.{name}", CURSOR) for driver in _DRIVERS for name in ("Cursor", "cursor")),
    Subtype("psycopg.AsyncConnection", CONNECTION),
    Subtype("psycopg.AsyncCursor", CURSOR),
    Subtype("mysql.connector.MySQLConnection", CONNECTION),
    Subtype("mysql.connector.connection.MySQLConnection", CONNECTION),
    Subtype("pymysql.cursors.Cursor", CURSOR),
    Subtype("pymysql.connections.Connection", CONNECTION),
    Subtype("sqlite_utils.Database", CONNECTION),
    Returns(("psycopg.AsyncConnection.connect", "psycopg.Connection.connect"), CONNECTION),
    Returns((f"{CONNECTION}.cursor",), CURSOR),
    Returns(under(CURSOR, "execute executemany"), CURSOR),
    # Programs keep their connection where the request's context is; other things there have no such methods.
    Returns(
        ("flask.g.*", "quart.g.*", *under("flask.current_app", "db database conn connection")),
        CONNECTION,
    ),
    Returns((f"{CONNECTION}.execute",), CURSOR),
    Returns(
        ("django.db.connection", "django.db.connections.__getitem__", "django.db.transaction.get_connection"),
        CONNECTION,
    ),
    Returns(
        ("flask_mysqldb.MySQL.connection", "flaskext.mysql.MySQL.connect", "flaskext.mysql.MySQL.get_db"), CONNECTION
    ),
    Returns(
        (
            *under("psycopg2.pool", "SimpleConnectionPool.getconn ThreadedConnectionPool.getconn"),
            *under("psycopg_pool", "ConnectionPool.connection ConnectionPool.getconn AsyncConnectionPool.connection"),
            *("mysql.connector.pooling.MySQLConnectionPool.get_connection", "mysql.connector.pooling.connect"),
            *("dbutils.pooled_db.PooledDB.connection", "aiomysql.Pool.acquire", "aiopg.Pool.acquire"),
            "cx_Oracle.SessionPool.acquire",
        ),
        CONNECTION,
    ),
    Returns(("aiomysql.create_pool",), "aiomysql.Pool"),
    Returns(("aiopg.create_pool",), "aiopg.Pool"),
    Sink(
        of_each(
            (CURSOR, CONNECTION),
            "execute executemany executescript execute_many execute_async execute_fetchall execute_insert query sql"
            " callproc prepare copy_expert mogrify stream executemany_async",
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=_STATEMENT,
        severity=Severity.CRITICAL,
    ),
    Harmless(
        of_each(
            (CURSOR, CONNECTION),
            "execute executemany executescript fetchone fetchall fetchmany execute_fetchall query sql lastrowid",
        )
    ),
    Sink(
        under("psycopg2.extras", "execute_values execute_batch"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(1, "sql"),
        severity=Severity.CRITICAL,
    ),
    Source(
        of_each((CURSOR,), "fetchone fetchall fetchmany __iter__ fetchval fetch_df"),
        Origin.DATABASE,
        "a row of the database",
    ),
)

_ASYNCPG: tuple[Model, ...] = (
    Returns(("asyncpg.connect", "asyncpg.Pool.acquire", "asyncpg.pool.Pool.acquire"), "asyncpg.Connection"),
    Returns(("asyncpg.create_pool",), "asyncpg.Pool"),
    Subtype("asyncpg.pool.Pool", "asyncpg.Pool"),
    Subtype("asyncpg.connection.Connection", "asyncpg.Connection"),
    Sink(
        of_each(
            ("asyncpg.Connection", "asyncpg.Pool"),
            "execute executemany fetch fetchrow fetchval fetchmany prepare cursor copy_from_query",
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "query", "command"),
        severity=Severity.CRITICAL,
    ),
    Harmless(of_each(("asyncpg.Connection", "asyncpg.Pool"), "execute executemany fetch fetchrow fetchval")),
    Source(
        of_each(("asyncpg.Connection", "asyncpg.Pool"), "fetch fetchrow fetchval"),
        Origin.DATABASE,
        "a row of the database",
    ),
)

_SESSIONS = (
    *("sqlalchemy.orm.session.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.Session"),
    *("sqlmodel.ext.asyncio.session.AsyncSession", "sqlalchemy.orm.scoped_session", "flask_sqlalchemy.session.Session"),
    "sqlalchemy.ext.asyncio.session.AsyncSession",
)
_MAKERS = (
    *("sqlalchemy.orm.sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.orm.scoped_session"),
    "sqlalchemy.orm.session.sessionmaker",
)
_TEXTS = (
    *under("sqlalchemy", "text literal_column DDL sql.text sql.expression.text sql.literal_column"),
    *under("sqlmodel", "text literal_column"),
    *under("flask_sqlalchemy.SQLAlchemy", "text literal_column DDL"),
)

_SQLALCHEMY: tuple[Model, ...] = (
    *(Subtype(session, SESSION) for session in _SESSIONS),
    *(
        Subtype(engine, ENGINE)
        for engine in ("sqlalchemy.Engine", "sqlalchemy.engine.base.Engine", "sqlalchemy.ext.asyncio.AsyncEngine")
    ),
    *(
        Subtype(link, LINK)
        for link in (
            *("sqlalchemy.Connection", "sqlalchemy.engine.base.Connection"),
            "sqlalchemy.ext.asyncio.AsyncConnection",
        )
    ),
    Subtype("sqlalchemy.orm.query.Query", QUERY),
    Subtype("flask_sqlalchemy.BaseQuery", QUERY),
    Returns(
        (
            *under("sqlalchemy", "create_engine engine_from_config ext.asyncio.create_async_engine"),
            *("sqlmodel.create_engine", "flask_sqlalchemy.SQLAlchemy.engine", "flask_sqlalchemy.SQLAlchemy.get_engine"),
            *(f"{SESSION}.get_bind", f"{SESSION}.bind", "sqlalchemy.engine.create_engine"),
        ),
        ENGINE,
    ),
    Returns(of_each((ENGINE,), "connect begin raw_connection"), LINK),
    Returns(of_each((LINK,), "execution_options begin"), LINK),
    Returns((f"{LINK}.cursor",), CURSOR),
    Returns((f"{SESSION}.connection",), LINK),
    Returns(("flask_sqlalchemy.SQLAlchemy.session", "sqlalchemy.orm.object_session"), SESSION),
    Returns((*(f"{maker}.__call__" for maker in _MAKERS), *(f"{maker}.begin" for maker in _MAKERS)), SESSION),
    Returns((f"{SESSION}.query", "flask_sqlalchemy.SQLAlchemy.Model.query", "flask_sqlalchemy.Model.query"), QUERY),
    Returns(
        of_each((QUERY,), "filter filter_by join outerjoin order_by group_by limit offset options distinct having"),
        QUERY,
    ),
    Sink(
        (
            *of_each((SESSION,), "execute scalar scalars exec stream stream_scalars"),
            *of_each((ENGINE, LINK), "execute scalar scalars exec_driver_sql stream"),
            *(f"{QUERY}.from_statement", "sqlalchemy.orm.Session.exec_driver_sql"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=_STATEMENT,
        severity=Severity.CRITICAL,
    ),
    Returns(
        (
            *("sqlalchemy.orm.declarative_base", "sqlalchemy.ext.declarative.declarative_base"),
            "sqlalchemy.ext.automap.automap_base",
        ),
        "sqlalchemy.orm.DeclarativeBase",
    ),
    Sink(_TEXTS, Danger.SQL, SQL_FROM_TEXT, args=(0, "text"), severity=Severity.CRITICAL),
    Sanitizer(_TEXTS, frozenset({Danger.SQL})),
    Harmless(
        of_each(
            (QUERY, SESSION, LINK, ENGINE),
            "get get_or_404 first first_or_404 one one_or_none one_or_404 all scalar scalars execute count filter"
            " filter_by update exists paginate exec",
        )
    ),
    Returns(of_each((SESSION, LINK), "execute scalars exec stream stream_scalars"), RESULT),
    Returns(under(RESULT, "scalars mappings unique tuples columns"), RESULT),
    Source(
        under(
            RESULT,
            "first one one_or_none all fetchall fetchone fetchmany scalar scalar_one scalar_one_or_none __iter__"
            " partitions yield_per",
        ),
        Origin.DATABASE,
        "a row of the database",
    ),
    Source(
        of_each(
            (QUERY, SESSION, LINK, ENGINE),
            "get get_or_404 first first_or_404 one one_or_none one_or_404 all scalar scalars paginate",
        ),
        Origin.DATABASE,
        "an object of the database",
    ),
)

_ORMS: tuple[Model, ...] = (
    Sink(("peewee.SQL", "peewee.NodeList"), Danger.SQL, SQL_FROM_TEXT, args=(0, "sql"), severity=Severity.CRITICAL),
    *(
        Subtype(f"peewee.{database}", "peewee.Database")
        for database in ("SqliteDatabase", "MySQLDatabase", "PostgresqlDatabase", "PooledPostgresqlDatabase")
    ),
    Sink(
        ("peewee.Database.execute_sql", "peewee.Model.raw", "peewee.RawQuery"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, 1, "sql"),
        severity=Severity.CRITICAL,
    ),
    Returns(("tortoise.Tortoise.get_connection", "tortoise.connections.get"), "tortoise.Client"),
    Sink(
        (
            *under("tortoise.Client", "execute_query execute_query_dict execute_script execute_insert"),
            *("tortoise.models.Model.raw", "tortoise.expressions.RawSQL", "tortoise.Model.raw"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "sql", "query"),
        severity=Severity.CRITICAL,
    ),
    Returns(("pony.orm.Database",), "pony.orm.Database"),
    Sink(
        (
            *under("pony.orm.Database", "execute select get exists"),
            *("pony.orm.raw_sql", "pony.orm.Entity.select_by_sql", "pony.orm.Entity.get_by_sql"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "sql"),
        text=SQL_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("databases.Database", "execute execute_many fetch_all fetch_one fetch_val iterate"),
            *under("databases.core.Database", "execute execute_many fetch_all fetch_one fetch_val iterate"),
            *under("records.Database", "query query_file bulk_query"),
            *("records.Connection.query", "dataset.Database.query"),
            *under("clickhouse_driver.Client", "execute execute_iter execute_with_progress query_dataframe"),
            *under("clickhouse.Client", "query command query_df raw_query query_np"),
            *("google.cloud.bigquery.Client.query", "google.cloud.bigquery.Client.query_and_wait"),
            *("pyspark.sql.SparkSession.sql", "cassandra.cluster.Session.execute", "neo4j.Session.run", "neo4j.Tx.run"),
            *("influxdb.InfluxDBClient.query", "pinotdb.Cursor.execute", "cs50.SQL.execute"),
            *("edgedb.Client.query", "surrealdb.Surreal.query", "py2neo.Graph.run"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=_STATEMENT,
        severity=Severity.CRITICAL,
    ),
    Returns(("dataset.connect",), "dataset.Database"),
    Returns(("clickhouse_connect.get_client", "clickhouse_connect.get_async_client"), "clickhouse.Client"),
    Returns(("neo4j.GraphDatabase.driver",), "neo4j.Driver"),
    Returns(("neo4j.Driver.session",), "neo4j.Session"),
    Returns(("cassandra.cluster.Cluster.connect",), "cassandra.cluster.Session"),
    Returns(("pyspark.sql.SparkSession.builder.getOrCreate",), "pyspark.sql.SparkSession"),
    Sink(
        (
            *under("pandas", "read_sql read_sql_query io.sql.read_sql"),
            *under("polars", "read_database read_database_uri"),
            *under("duckdb", "sql query execute"),
            *("awswrangler.athena.read_sql_query", "dask.dataframe.read_sql_query"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "sql", "query"),
        severity=Severity.CRITICAL,
    ),
)

_UNKNOWN: tuple[Model, ...] = (
    Sink(
        (
            *under(
                "*", "execute executemany executescript execute_sql execute_query exec_driver_sql fetch_all fetch_one"
            ),
            *under("*", "fetch fetchrow fetchval fetch_val run_query raw_query query_db run_sql read_sql executequery"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=_STATEMENT,
        text=SQL_TEXT,
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        ("*.query", "*.exec", "*.sql", "*.run"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "sql", "query"),
        text=r"^\s*(?:select\b.+\bfrom\b|insert\s+into\b|update\b.+\bset\b|delete\s+from\b|match\s*\()",
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        ("*.execute_statement", "*.start_query_execution", "*.batch_execute_statement"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=("Statement", "QueryString", "sql", "Sql"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.run", "*.execute_query", "*.query", "*.cypher_query", "*.execute_read", "*.execute_write"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "query", "query_"),
        text=r"\b(?:match|merge|create)\s*\(",
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
    ),
    Source(("*.fetchone", "*.fetchall", "*.fetchmany"), Origin.DATABASE, "a row of the database"),
    Harmless(
        (
            *of_each(
                (SESSION, "*.session", "*.db_session", "*.db"),
                "add add_all merge delete refresh flush commit expunge bulk_save_objects insert",
            ),
            *under("*", "filter_by first first_or_404 one_or_none get_or_404 scalar_one scalar_one_or_none scalars"),
            *under("*", "fetchone fetchall fetchmany fetchrow fetch_one fetch_all execute executemany"),
        )
    ),
)

_SAFE: tuple[Model, ...] = (
    Sanitizer(
        (
            *of_each(("psycopg2.sql", "psycopg.sql"), "SQL.format Identifier Literal Placeholder quote SQL.join"),
            *("psycopg2.extensions.quote_ident", "psycopg2.extensions.adapt", "pymysql.converters.escape_string"),
            *("MySQLdb.escape_string", "pymysql.escape_string", "MySQLdb.connections.Connection.escape_string"),
            *("sqlalchemy.sql.quoted_name", "sqlalchemy.column", "sqlalchemy.bindparam", "sqlalchemy.literal"),
            *(
                "*.quote_ident",
                "*.escape_string",
                "*.quote_identifier",
                "*.quote_name",
                "*.mogrify",
                "*.ops.quote_name",
            ),
            f"{CURSOR}.mogrify",
        ),
        frozenset({Danger.SQL}),
    ),
)

MODELS: tuple[Model, ...] = (*_DRIVER_MODELS, *_ASYNCPG, *_SQLALCHEMY, *_ORMS, *_UNKNOWN, *_SAFE)
