"""What makes a value harmless to everything, or tells nothing but a number or a truth about it."""

from server.analysis.flow.models import ALL_DANGERS, Calls, Danger, Harmless, Model, Sanitizer, Through
from server.analysis.flow.words import ALL_BUT_RESOURCE, of_each, under

_NUMBERS = ("int", "float", "complex", "round", "decimal.Decimal", "fractions.Fraction", "abs")

MODELS: tuple[Model, ...] = (
    Sanitizer(_NUMBERS, ALL_BUT_RESOURCE),
    Harmless(
        (
            *("len", "bool", "hash", "id", "ord", "isinstance", "issubclass", "callable", "hasattr", "any", "all"),
            *under("str", "isdigit isalnum isalpha isnumeric isidentifier startswith endswith count find index"),
            *under("*", "isdigit isalnum isalpha isnumeric isidentifier startswith endswith hexdigest"),
            *("uuid.UUID", "uuid.uuid4", "uuid.uuid5", "uuid.uuid3", "bson.ObjectId", "bson.objectid.ObjectId"),
            *under("datetime", "datetime.strptime datetime.fromisoformat date.fromisoformat datetime.fromtimestamp"),
            *under("datetime", "time.fromisoformat timedelta"),
            *("dateutil.parser.parse", "time.strptime", "time.time", "type", "zlib.crc32"),
            *under("hashlib", "md5 sha1 sha224 sha256 sha384 sha512 blake2b blake2s new pbkdf2_hmac scrypt"),
            *(
                "hmac.new",
                "hmac.digest",
                "hmac.compare_digest",
                "secrets.compare_digest",
                "bcrypt.hashpw",
                "bcrypt.checkpw",
            ),
            *under("werkzeug.security", "generate_password_hash check_password_hash"),
            *under("django.utils.dateparse", "parse_date parse_datetime parse_time parse_duration"),
            *("django.utils.crypto.get_random_string", "re.compile"),
            *under("traceback", "format_exc format_exception format_tb print_exc"),
        )
    ),
    Sanitizer(
        of_each(("ipaddress",), "ip_address ip_network IPv4Address IPv6Address IPv4Network IPv6Network"),
        ALL_DANGERS - {Danger.URL},
    ),
    Sanitizer(
        (*under("pydantic.BaseModel", "model_dump dict"), "*.model_dump", "marshmallow.Schema.load", "attrs.asdict"),
        frozenset({Danger.MASS_ASSIGNMENT}),
    ),
    Sanitizer(("slugify.slugify", "slugify", "*.slugify", "unidecode.slugify", "binascii.hexlify"), ALL_DANGERS),
    Sanitizer(("base64.b64encode", "base64.urlsafe_b64encode", "base64.b32encode"), ALL_DANGERS - {Danger.PATH}),
    Through(
        (
            *under("urllib.parse", "parse_qs parse_qsl urlparse urlsplit unquote unquote_plus unquote_to_bytes"),
            *of_each(("json", "ujson", "orjson", "simplejson"), "loads load"),
            *under("base64", "b64decode urlsafe_b64decode b32decode b16decode standard_b64decode decodebytes"),
            *("bytes.fromhex", "binascii.unhexlify", "zlib.decompress", "gzip.decompress", "html.unescape", "str"),
            *("bytes", "list", "tuple", "set", "sorted", "reversed", "iter", "next", "copy.copy", "copy.deepcopy"),
        ),
        (0, 1),
    ),
    Through(("urllib.parse.urljoin",), (0, 1)),
    Through(("compile",), (0, "source")),
    Through(("re.sub", "re.subn"), (1, 2, "repl", "string")),
    Through(("re.search", "re.match", "re.fullmatch", "re.findall", "re.split", "re.finditer"), (1, "string")),
    Through(("isinstance", "zip", "enumerate"), (0, 1)),
    Calls(("map", "filter"), arg=0, args=(1,)),
    Calls(("re.sub", "re.subn"), arg=1, args=(2, "string")),
    Calls(("*.sub", "*.subn"), arg=0, args=(1, "string")),
    Calls(("threading.Thread", "multiprocessing.Process", "threading.Timer"), arg="target", args=("args", "kwargs")),
    Calls(("asyncio.to_thread", "starlette.concurrency.run_in_threadpool", "functools.partial"), arg=0, args=(1, 2, 3)),
    Calls(
        (
            *("concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.ProcessPoolExecutor.submit"),
            *("*.submit", "anyio.to_thread.run_sync"),
        ),
        arg=0,
        args=(1, 2, 3),
    ),
    Calls(("*.run_in_executor",), arg=1, args=(2, 3, 4)),
    Calls(under("rq.Queue", "enqueue enqueue_call"), arg=0, args=(1, 2, 3, "args")),
    Calls(("rq.Queue.enqueue_in", "rq.Queue.enqueue_at", "*.enqueue_in"), arg=1, args=(2, 3, 4, "args")),
    Calls(("*.add_job", "*.add_task"), arg=0, args=(1, 2, 3, "args")),
    Calls(("fastapi.BackgroundTasks.add_task", "starlette.background.BackgroundTasks.add_task"), arg=0, args=(1, 2, 3)),
)
