"""Go's libraries: where strangers' values come from, where they do harm, what makes them harmless.

Names are as `lowering/scope.py` writes import paths: `github.com/gin-gonic/gin` is `github_com.gin-gonic.gin`.
"""

from server.analysis.flow.models import (
    ALL_DANGERS,
    ANY,
    RECEIVER,
    Danger,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Through,
    When,
)
from server.analysis.flow.rules import LDAP_INJECTION, NOSQL_INJECTION
from server.analysis.flow.words import of_each, under
from server.analysis.go.models import connections, files
from server.analysis.go.models.names import ECHO, FIBER, GIN
from server.analysis.rules import (
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
)
from server.reviews.finding import Severity

REQUEST = "net.http.Request"
DATABASES = (
    *("database.sql.DB", "database.sql.Tx", "database.sql.Conn", "github_com.jmoiron.sqlx.DB"),
    "github_com.jmoiron.sqlx.Tx",
)
PGX = (
    *("github_com.jackc.pgx.v5.Conn", "github_com.jackc.pgx.v5.Tx", "github_com.jackc.pgx.v4.Conn"),
    *("github_com.jackc.pgx.v5.pgxpool.Pool", "github_com.jackc.pgx.v4.pgxpool.Pool"),
)
CODECS = ("encoding.json", "encoding.xml", "gopkg_in.yaml.v3", "gopkg_in.yaml.v2", "github_com.goccy.go-json")
MONGO_CLIENTS = ("go_mongodb_org.mongo-driver.mongo.Client",)
MONGO = "go_mongodb_org.mongo-driver.mongo.Collection"
XORM = tuple(
    f"{package}.{name}" for package in ("xorm_io.xorm", "github_com.go-xorm.xorm") for name in ("Engine", "Session")
)
GORM = ("gorm_io.gorm.DB", "github_com.jinzhu.gorm.DB")

_COLUMNS = tuple(range(12))
"""What a row is scanned into."""

SOURCES: tuple[Model, ...] = (
    Source(
        (
            *under(REQUEST, "FormValue PostFormValue Form PostForm MultipartForm Body Header RequestURI URL Cookie"),
            *under(REQUEST, "Cookies Referer UserAgent PathValue FormFile Host BasicAuth"),
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(("github_com.gorilla.mux.Vars", "github_com.go-chi.chi.v5.URLParam"), Origin.REQUEST, "a path parameter"),
    Source(
        (
            *under(GIN, "Param Query DefaultQuery QueryArray QueryMap GetQuery PostForm DefaultPostForm GetPostForm"),
            *under(GIN, "GetHeader GetRawData Cookie FormFile Params"),
            *of_each(ECHO, "Param QueryParam QueryParams FormValue FormParams FormFile Cookie QueryString"),
            *of_each(FIBER, "Params Query Queries FormValue Body BodyRaw Get Cookies FormFile OriginalURL"),
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(
        (
            *under(GIN, "Bind BindJSON ShouldBind ShouldBindJSON ShouldBindQuery ShouldBindUri BindQuery BindUri"),
            *of_each((*ECHO, *FIBER), "Bind BodyParser QueryParser ParamsParser"),
        ),
        Origin.REQUEST,
        "the request's body",
        args=(0,),
    ),
    Source(
        (
            *under(
                "github_com.valyala.fasthttp.RequestCtx", "QueryArgs PostArgs PostBody FormValue Path UserValue URI"
            ),
            *under("github_com.julienschmidt.httprouter.Params", "ByName"),
            *under("github_com.gorilla.websocket.Conn", "ReadMessage"),
            *under(
                "github_com.aws.aws-lambda-go.events.APIGatewayProxyRequest",
                "Body QueryStringParameters PathParameters",
            ),
            *under(
                "github_com.aws.aws-lambda-go.events.APIGatewayProxyRequest", "Headers MultiValueQueryStringParameters"
            ),
            *under(
                "github_com.aws.aws-lambda-go.events.APIGatewayV2HTTPRequest",
                "Body QueryStringParameters PathParameters",
            ),
            *under("github_com.aws.aws-lambda-go.events.APIGatewayV2HTTPRequest", "Headers RawPath RawQueryString"),
        ),
        Origin.REQUEST,
        "the request",
    ),
    Source(("os.Args", "flag.String", "flag.Arg", "flag.Args"), Origin.ARGUMENT, "the command line"),
    Source(("os.Getenv", "os.LookupEnv", "os.Environ"), Origin.ENVIRONMENT, "the environment"),
)

TYPES: tuple[Model, ...] = (
    Returns(under("text.template", "New Must ParseFiles ParseFS ParseGlob"), "text.template.Template"),
    Returns(
        under("text.template.Template", "New Funcs Option Delims Lookup Parse ParseFiles Clone"),
        "text.template.Template",
    ),
    Returns(under("html.template", "New Must ParseFiles ParseFS ParseGlob"), "html.template.Template"),
    Returns(
        under("html.template.Template", "New Funcs Option Delims Lookup Parse ParseFiles Clone"),
        "html.template.Template",
    ),
    Returns(of_each(MONGO_CLIENTS, "Database"), "go_mongodb_org.mongo-driver.mongo.Database"),
    Returns(
        ("go_mongodb_org.mongo-driver.mongo.Connect", "go_mongodb_org.mongo-driver.mongo.NewClient"), MONGO_CLIENTS[0]
    ),
    Returns(("go_mongodb_org.mongo-driver.mongo.Database.Collection",), MONGO),
    *(Returns((f"{library}.NewDecoder",), f"{library}.Decoder") for library in CODECS),
    Returns(("database.sql.Open", "database.sql.OpenDB"), "database.sql.DB"),
    Returns(of_each(DATABASES, "Begin BeginTx BeginTxx"), "database.sql.Tx"),
    Returns(
        of_each((*DATABASES, *PGX), "Query QueryRow QueryContext QueryRowContext Queryx QueryRowx"), "database.sql.Rows"
    ),
    Source(under("database.sql.Rows", "Scan StructScan"), Origin.DATABASE, "a row of the database", args=_COLUMNS),
    Source(of_each(GORM, "First Find Take Last Scan"), Origin.DATABASE, "a row of the database", args=(0,)),
    Source(of_each(DATABASES[-2:], "Get Select"), Origin.DATABASE, "a row of the database", args=(0,)),
    Returns(under("github_com.jmoiron.sqlx", "Open Connect MustConnect MustOpen NewDb"), "github_com.jmoiron.sqlx.DB"),
    Returns(("github_com.jackc.pgx.v5.Connect", "github_com.jackc.pgx.v4.Connect"), "github_com.jackc.pgx.v5.Conn"),
    Returns(
        ("github_com.jackc.pgx.v5.pgxpool.New", "github_com.jackc.pgx.v4.pgxpool.Connect"),
        "github_com.jackc.pgx.v5.pgxpool.Pool",
    ),
    Returns(("gorm_io.gorm.Open", "github_com.jinzhu.gorm.Open"), GORM[0]),
    Returns(
        of_each(
            GORM,
            "Model Table Where Select Joins Order Group Limit Offset Preload Debug WithContext Or Not Having Unscoped"
            " Session Clauses Distinct Scopes Begin Omit",
        ),
        GORM[0],
    ),
    Returns(of_each((GIN,), "Request") + of_each(ECHO, "Request"), REQUEST),
    Returns(under(GIN, "Writer") + of_each(ECHO, "Response"), "net.http.ResponseWriter"),
)

_TEXT_OF_SQL = r"(?i)\b(?:select|insert|update|delete|where|from|drop|alter|create)\b"

SINKS: tuple[Model, ...] = (
    Sink(
        of_each(DATABASES, "Query QueryRow Exec Prepare Queryx QueryRowx MustExec NamedExec NamedQuery"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of_each(
            DATABASES,
            "QueryContext QueryRowContext ExecContext PrepareContext QueryxContext QueryRowxContext MustExecContext",
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(1,),
        severity=Severity.CRITICAL,
    ),
    Sink(of_each(DATABASES, "Get Select GetContext SelectContext"), Danger.SQL, SQL_FROM_TEXT, args=(1, 2)),
    Sink(
        of_each(GORM, "Raw Exec Where Or Not Order Group Having Select Joins Table"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of_each(GORM, "First Last Take Find Delete FirstOrInit FirstOrCreate"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(1,),
        severity=Severity.CRITICAL,
    ),
    Sink(("gorm_io.gorm.Expr",), Danger.SQL, SQL_FROM_TEXT, severity=Severity.CRITICAL),
    Sink(
        (
            *of_each(XORM, "Where And Or SQL Query Exec OrderBy QueryString QueryInterface Having GroupBy"),
            *under("github_com.Masterminds.squirrel", "Expr"),
            *under("github_com.Masterminds.squirrel.SelectBuilder", "OrderBy Where Suffix Column"),
            *under("github_com.uptrace.bun.DB", "NewRaw"),
            *under("github_com.uptrace.bun.SelectQuery", "Where OrderExpr ColumnExpr"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(
        of_each(PGX, "Query QueryRow Exec Prepare"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(1,),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.QueryContext", "*.QueryRowContext", "*.ExecContext", "*.Select", "*.Get"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(1,),
        text=_TEXT_OF_SQL,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("*.Query", "*.QueryRow", "*.Exec", "*.Raw", "*.MustExec"),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=_TEXT_OF_SQL,
        severity=Severity.CRITICAL,
    ),
    Sink(("net.http.Redirect",), Danger.REDIRECT, OPEN_REDIRECT, args=(2,)),
    Sink(under(GIN, "Redirect") + of_each(ECHO, "Redirect"), Danger.REDIRECT, OPEN_REDIRECT, args=(1,)),
    Sink(of_each(FIBER, "Redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(under("html.template", "HTML JS URL HTMLAttr CSS"), Danger.HTML, HTML_FROM_TEXT),
    Sink(
        ("fmt.Fprintf", "fmt.Fprint", "fmt.Fprintln", "io.WriteString", "net.http.ResponseWriter.Write"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(ANY,),
        text=r"<\s*[a-zA-Z!]",
    ),
    Sink(
        (*of_each((GIN,), "String"), *of_each(ECHO, "String")),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(1,),
        text=r"<\s*[a-zA-Z!]",
    ),
    Sink(of_each(FIBER, "SendString Send"), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]"),
    Sink(of_each(ECHO, "HTML") + of_each((GIN,), "Data"), Danger.HTML, HTML_FROM_TEXT, args=(1, 2)),
    Sink(under("text.template.Template", "Execute ExecuteTemplate"), Danger.HTML, HTML_FROM_TEXT, args=(1, 2)),
    Sink(
        under(MONGO, "Find FindOne UpdateOne UpdateMany DeleteOne DeleteMany Aggregate FindOneAndUpdate"),
        Danger.NOSQL,
        NOSQL_INJECTION,
        args=(1,),
    ),
    Sink(("github_com.go-ldap.ldap.v3.NewSearchRequest",), Danger.LDAP, LDAP_INJECTION, args=(6,)),
    Sink(("github_com.go-ldap.ldap.v3.SearchRequest",), Danger.LDAP, LDAP_INJECTION, args=("Filter",)),
    Sink(("plugin.Open",), Danger.PATH, PATH_FROM_REQUEST, severity=Severity.CRITICAL),
    Sink(
        ("*.Set", "*.Add", "net.http.Header.Set", "net.http.Header.Add"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(1,),
        when=(When((0,), ("Location", "Refresh")),),
    ),
    Sink(
        ("html.template.Template.Parse", "text.template.Template.Parse"),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
)

CLEANERS: tuple[Model, ...] = (
    Harmless(
        (
            *under("strconv", "Atoi ParseInt ParseUint ParseFloat ParseBool Itoa FormatInt"),
            *under("strings", "HasPrefix HasSuffix EqualFold Contains ContainsAny Index Count Compare"),
            *("*.MatchString", "regexp.MatchString", "bytes.Equal", "bytes.HasPrefix"),
            *("len", "cap", "github_com.google.uuid.Parse", "github_com.google.uuid.MustParse", "time.Parse"),
            *under("os", "ReadFile Open Create Stat ReadDir"),
            *under("net.http", "Get Post Head"),
            *of_each((*DATABASES, *PGX), "Query QueryRow Exec Prepare QueryContext QueryRowContext ExecContext"),
            *("crypto.sha256.Sum256", "crypto.sha512.Sum512", "crypto.md5.Sum", "crypto.sha1.Sum"),
        )
    ),
    Sanitizer(("github_com.go-ldap.ldap.v3.EscapeFilter",), frozenset({Danger.LDAP})),
    Sanitizer(("html.EscapeString", "html.template.HTMLEscapeString"), frozenset({Danger.HTML})),
    Sanitizer(under("net.url", "QueryEscape PathEscape"), ALL_DANGERS - {Danger.RESOURCE}),
    Sanitizer(("regexp.QuoteMeta",), frozenset({Danger.REGEX, Danger.RESOURCE})),
    Through(("strings.Builder.WriteString", "bytes.Buffer.WriteString"), (RECEIVER, 0), into=RECEIVER),
    Through(tuple(f"{library}.Unmarshal" for library in CODECS), (0,), into=1),
    Through(tuple(f"{library}.NewDecoder" for library in CODECS), (0,)),
    Through(tuple(f"{library}.Decoder.Decode" for library in CODECS), (RECEIVER,), into=0),
)

MODELS: tuple[Model, ...] = (*SOURCES, *TYPES, *SINKS, *CLEANERS, *files.MODELS, *connections.MODELS)
