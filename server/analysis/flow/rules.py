"""The rules of flows, in every language. The tables of each language say where they speak."""

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity


def _rule(
    name: str, severity: Severity, confidence: Confidence, cwe: int, also: tuple[int, ...], why: str, remedy: str
) -> Rule:
    return Rule(f"hive.{name}", Kind.SECURITY, severity, confidence, why, cwe, (), False, also, remedy)


CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
SURE, LIKELY, POSSIBLE = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW

LDAP_INJECTION = _rule(
    "ldap-injection",
    HIGH,
    LIKELY,
    90,
    (943,),
    "`*`, `(` and `)` in a value change what the directory is asked: a login without the password, other people's"
    " entries.",
    "Pass values through ldap.filter.escape_filter_chars() or ldap3's escape_filter_chars(), names through"
    " escape_dn_chars().",
)
XPATH_INJECTION = _rule(
    "xpath-injection",
    HIGH,
    LIKELY,
    643,
    (91, 943),
    "A quote in a value ends the string of the XPath expression: what follows selects other nodes of the document.",
    "Pass values as variables: tree.xpath('//user[@name=$name]', name=name).",
)
NOSQL_INJECTION = _rule(
    "nosql-injection",
    HIGH,
    LIKELY,
    943,
    (89, 74),
    "A JSON body holds objects too: {'$ne': null} instead of a password matches every document, and $where runs code.",
    "Turn each value into the type that is meant (str(value)), or validate the body with a schema, before it is part of"
    " a query.",
)
HEADER_INJECTION = _rule(
    "header-injection",
    MEDIUM,
    LIKELY,
    113,
    (93, 74),
    "A line break in the value ends the header: what follows becomes further headers, or a whole answer of its own.",
    "Refuse values with \\r or \\n, or percent-encode them.",
)
MAIL_INJECTION = _rule(
    "mail-injection",
    MEDIUM,
    LIKELY,
    93,
    (88, 74),
    "A line break in the value adds headers to the mail: other recipients, another sender, another text.",
    "Build the message with email.message.EmailMessage, which refuses line breaks in headers.",
)
LOG_INJECTION = _rule(
    "log-injection",
    LOW,
    POSSIBLE,
    117,
    (93, 116),
    "A line break in the value writes a line of its own into the log: entries that never happened.",
    "Log values with %r, or as fields of structured logs, or replace line breaks.",
)
REGEX_FROM_REQUEST = _rule(
    "regex-from-request",
    MEDIUM,
    LIKELY,
    1333,
    (730, 400),
    "A pattern like (a+)+$ takes for ever on a short text: one request keeps a worker busy.",
    "Pass the value through re.escape(), or use an engine without backtracking (google-re2) and a time limit.",
)
RESOURCE_EXHAUSTION = _rule(
    "resource-exhaustion",
    MEDIUM,
    POSSIBLE,
    400,
    (770, 789, 834),
    "Whoever sends the request chooses how long the server works or how much memory it takes.",
    "Compare the number with a limit, or cap it: min(n, LIMIT).",
)
DECOMPRESSION_BOMB = _rule(
    "decompression-bomb",
    MEDIUM,
    POSSIBLE,
    409,
    (400, 770, 789),
    "A few kilobytes unpack to gigabytes: one request takes all of the memory.",
    "Unpack in steps with a limit, decompressobj().decompress(data, LIMIT), and refuse what has an unconsumed_tail.",
)
ARCHIVE_EXTRACTION = _rule(
    "archive-extraction",
    HIGH,
    LIKELY,
    22,
    (23, 29, 59, 73),
    "Names in an archive may be absolute, hold `..` or be links: extracting it writes files anywhere.",
    "Pass filter='data' to tarfile's extract methods, or check each member's resolved path before writing it.",
)
XML_BOMB = _rule(
    "xml-bomb",
    MEDIUM,
    POSSIBLE,
    776,
    (611, 400, 827),
    "Entities that stand for entities grow to gigabytes while the document is parsed; parsers differ in their limits.",
    "Parse documents of strangers with defusedxml.",
)
MASS_ASSIGNMENT = _rule(
    "mass-assignment",
    HIGH,
    LIKELY,
    915,
    (913,),
    "The request names the attributes that are set: is_admin, owner or price among them.",
    "Take the fields that may be set by name, or validate the body with a schema that lists them.",
)
CHOSEN_LOOKUP = _rule(
    "chosen-lookup",
    MEDIUM,
    LIKELY,
    943,
    (915, 200, 639, 89),
    "The request names the fields by which rows are looked up, also those of related rows: by asking often enough, "
    "whoever sends it reads password hashes letter by letter.",
    "Take the fields that may be asked by name, or leave it to a filter class that lists them (django-filter).",
)
JNDI_LOOKUP = _rule(
    "jndi-lookup",
    CRITICAL,
    LIKELY,
    74,
    (99, 470, 502, 917, 20, 610),
    "A name like ldap://host/x makes the lookup load what another host answers, and run it.",
    "Look up constant names, or choose one of those that are meant by a key.",
)
REMOTE_CODE = _rule(
    "remote-code",
    HIGH,
    LIKELY,
    94,
    (829, 494, 502, 95),
    "A model's repository may bring code of its own, which runs when the model is loaded; the request names the model.",
    "Look the name up among those that are meant, and leave trust_remote_code off.",
)
UNSAFE_REFLECTION = _rule(
    "unsafe-reflection",
    HIGH,
    LIKELY,
    470,
    (913, 94, 829, 98, 706),
    "The request names the module, class or function that is used: any that the program can import.",
    "Look the name up in a dict of those that are meant.",
)
