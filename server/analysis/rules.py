"""Our rules about security as data: what each means in any language. The checks that find them stand with their
language; the rules about bugs are `bug_rules.py`.

Severity is by exploitability and harm: critical = a stranger takes over; high = a stranger gets data or breaks the
program; medium = wrong results, or dangerous with a condition; low = a trap. A check may raise or lower it.
"""

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity


def _security(
    name: str,
    severity: Severity,
    why: str,
    *,
    cwe: int,
    confidence: Confidence = Confidence.HIGH,
    answers_to: tuple[str, ...] = (),
    in_tests: bool = False,
    also: tuple[int, ...] = (),
    remedy: str = "",
) -> Rule:
    return Rule(f"hive.{name}", Kind.SECURITY, severity, confidence, why, cwe, answers_to, in_tests, also, remedy)


CRITICAL, HIGH, MEDIUM = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM
LIKELY = Confidence.MEDIUM

# Injection

SQL_FROM_TEXT = _security(
    "sql-from-text",
    HIGH,
    "The statement is put together from text: a value with a quote in it becomes SQL. Pass values as parameters.",
    cwe=89,
    confidence=LIKELY,
    answers_to=("S608", "S610", "S611"),
    also=(564, 943),
    remedy="Write placeholders into the statement and pass the values beside it; look names of columns up in a dict.",
)
SHELL_COMMAND = _security(
    "shell-command",
    HIGH,
    "A shell reads the command: `;`, `$()` or `|` in a value runs other programs. Pass a list of arguments, no shell.",
    cwe=78,
    confidence=LIKELY,
    answers_to=("S602", "S604", "S605", "G204"),
    also=(77, 88),
    remedy="Pass a list of arguments without a shell; where a shell must be, quote each value (`shlex.quote`).",
)
CODE_FROM_TEXT = _security(
    "code-from-text",
    HIGH,
    "Text that is not a constant is run as code: whoever can change it runs what they like.",
    cwe=95,
    confidence=LIKELY,
    answers_to=("S102", "S307", "PGH001"),
    also=(94, 96),
    remedy="Parse what is meant (`json`, `ast.literal_eval`), or look the name up in a dict of functions.",
)
UNSAFE_DESERIALIZATION = _security(
    "unsafe-deserialization",
    HIGH,
    "The format can carry calls: loading data that somebody else can change runs their code. Use JSON.",
    cwe=502,
    confidence=LIKELY,
    answers_to=("S301", "S302", "S506"),
    remedy="Use JSON, or a format with a schema; load YAML with its safe loader; sign what must be a pickle.",
)
HTML_FROM_TEXT = _security(
    "html-from-text",
    MEDIUM,
    "The value goes into the page as markup: a <script> in it runs in the reader's browser. Escape it, or set text.",
    cwe=79,
    confidence=LIKELY,
    answers_to=("S308", "S704", "RUF035"),
    also=(80, 83, 116),
    remedy="Render a template that escapes, or escape each value where it goes into the markup.",
)
TEMPLATE_FROM_TEXT = _security(
    "template-from-text",
    HIGH,
    "A template that is not a constant is code: {{ }} in a user's text runs on the server. Pass values, not templates.",
    cwe=1336,
    confidence=LIKELY,
    also=(94, 95, 96),
    remedy="Keep the template constant and pass the value to it: render('Hello {{ name }}', name=name).",
)
AUTOESCAPE_OFF = _security(
    "autoescape-off",
    MEDIUM,
    "The templates do not escape values, so that a value with markup in it runs in the reader's browser.",
    cwe=79,
    confidence=LIKELY,
    answers_to=("S701",),
    also=(80, 116),
    remedy="Turn autoescape on, and mark only what is markup already.",
)

XML_ENTITIES = _security(
    "xml-entities",
    HIGH,
    "External entities make the parser read local files or call other servers for whoever wrote the document.",
    cwe=611,
    also=(827, 776),
    remedy="Turn entities off (`resolve_entities=False`, `no_network=True`), or parse with defusedxml.",
)
PATH_FROM_REQUEST = _security(
    "path-from-request",
    HIGH,
    "`..` or an absolute path in the request leads to any file that the process can read or write.",
    cwe=22,
    confidence=LIKELY,
    also=(23, 36, 73, 99),
    remedy="Take only the last component (`secure_filename`, `basename`), or check that the resolved path is inside.",
)
URL_FROM_REQUEST = _security(
    "url-from-request",
    HIGH,
    "Whoever sends the request chooses where the server connects: its own network and metadata services included.",
    cwe=918,
    confidence=LIKELY,
    also=(441, 610),
    remedy="Look the address up by a name, or compare its host with a list of those that are meant.",
)
OPEN_REDIRECT = _security(
    "open-redirect",
    MEDIUM,
    "A link to this site leads to a stranger's: good for phishing. Allow only paths of this site.",
    cwe=601,
    confidence=LIKELY,
    remedy="Redirect to routes by their name, or check that the target has no host of its own.",
)

# Secrets

PRIVATE_KEY = _security(
    "private-key",
    CRITICAL,
    "Whoever reads the repository has the key, for ever: it stays in the history. Replace it.",
    cwe=321,
    answers_to=("S105",),
    also=(798, 312, 522),
    remedy="Take the key out of the repository, make a new pair, and mount it where the program runs.",
)
PROVIDER_KEY = _security(
    "provider-key",
    CRITICAL,
    "Whoever reads the repository can use the account, for ever: it stays in the history. Revoke it.",
    cwe=798,
    answers_to=("S105", "S106", "S107"),
    in_tests=True,
    also=(321, 312, 522),
    remedy="Revoke the key at its provider, make a new one, and read it from the environment or a vault.",
)
URL_PASSWORD = _security(
    "url-password",
    HIGH,
    "The password stands in the code: everyone with the repository has it. Read it from the environment or a vault.",
    cwe=798,
    confidence=LIKELY,
    answers_to=("S105",),
    also=(259, 522, 312),
    remedy="Read it from the environment or a vault, and change the one that was in the repository.",
)
HARDCODED_PASSWORD = _security(
    "hardcoded-password",
    HIGH,
    "The password stands in the code: everyone with the repository has it. Read it from the environment or a vault.",
    cwe=798,
    confidence=LIKELY,
    answers_to=("S105", "S106", "S107", "G101"),
    also=(259, 321, 522, 312),
    remedy="Read it from the environment or a vault, and change the one that was in the repository.",
)

HIDDEN_TEXT = _security(
    "hidden-text",
    HIGH,
    "Invisible characters reorder what a person sees: the code that runs is not the code that was read.",
    cwe=1007,
    answers_to=("PLE2502",),
    in_tests=True,
)

# Cryptography and trust

TLS_UNVERIFIED = _security(
    "tls-unverified",
    HIGH,
    "The peer's certificate is not checked: anyone on the way can read and change the traffic.",
    cwe=295,
    answers_to=("S501", "S323", "S504", "G402"),
    also=(297, 296, 599),
    remedy='Leave the check on. For a private authority, give its certificate (`verify="/path/ca.pem"`).',
)
WEAK_PASSWORD_HASH = _security(
    "weak-password-hash",
    HIGH,
    "A fast hash of a password is found by trying billions a second. Use argon2, scrypt or bcrypt.",
    cwe=916,
    confidence=LIKELY,
    answers_to=("S324", "S303"),
    also=(327, 328, 759, 326),
    remedy="Use argon2, scrypt or bcrypt through a library that keeps salt and cost with the hash.",
)
PREDICTABLE_SECRET = _security(
    "predictable-secret",
    HIGH,
    "The generator is made for simulations: its next values can be told from earlier ones. Use a cryptographic one.",
    cwe=338,
    confidence=LIKELY,
    answers_to=("S311", "G404"),
    also=(330, 340, 335),
    remedy="Use a generator made for secrets: `secrets` in Python, `crypto` in JavaScript, `crypto/rand` in Go.",
)
TIMING_COMPARE = _security(
    "timing-compare",
    MEDIUM,
    "== stops at the first difference: its time tells a stranger how much was right. Use a constant-time compare.",
    cwe=208,
    confidence=LIKELY,
    also=(203, 385),
    remedy="Use hmac.compare_digest, crypto.timingSafeEqual or hmac.Equal.",
)
UNVERIFIED_TOKEN = _security(
    "unverified-token",
    CRITICAL,
    "The token's signature is not checked: anyone can write one that says what they like.",
    cwe=347,
    also=(345, 287, 327),
    remedy="Check the signature, with the algorithms that you issue listed by name.",
)
DEBUG_MODE = _security(
    "debug-mode",
    HIGH,
    "The debugger's page runs code for whoever reaches it, and tracebacks show the program's inside.",
    cwe=489,
    confidence=LIKELY,
    answers_to=("S201",),
    also=(215, 94, 16, 200),
    remedy="Leave debug off in code, and let a developer turn it on by the environment.",
)

PERMISSIVE_CORS = _security(
    "permissive-cors",
    MEDIUM,
    "Every web site may call this one with the visitor's cookies, and read the answers.",
    cwe=942,
    also=(346, 183, 284, 16),
    remedy="List the origins that may call; never reflect the Origin header or use * together with credentials.",
)
WEAK_CIPHER = _security(
    "weak-cipher",
    MEDIUM,
    "The cipher or its mode is broken: ECB shows patterns, DES and RC4 are found by trying.",
    cwe=327,
    answers_to=("S304", "S305", "G405"),
    also=(326, 328),
    remedy="Use AES-GCM or ChaCha20-Poly1305 with a fresh nonce for every message.",
)
