"""Our own rules as data: what each means in any language. The checks that find them stand with their language.

Severity is by exploitability and harm: critical = a stranger takes over; high = a stranger gets data or breaks the
program; medium = wrong results, or dangerous with a condition; low = a trap. A check may raise or lower it.
"""

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity


def _bug(
    name: str,
    severity: Severity,
    why: str,
    *,
    cwe: int | None = None,
    confidence: Confidence = Confidence.HIGH,
    answers_to: tuple[str, ...] = (),
    in_tests: bool = True,
) -> Rule:
    return Rule(f"hive.{name}", Kind.BUG, severity, confidence, why, cwe, answers_to, in_tests)


def _security(
    name: str,
    severity: Severity,
    why: str,
    *,
    cwe: int,
    confidence: Confidence = Confidence.HIGH,
    answers_to: tuple[str, ...] = (),
    in_tests: bool = False,
) -> Rule:
    return Rule(f"hive.{name}", Kind.SECURITY, severity, confidence, why, cwe, answers_to, in_tests)


CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
LIKELY = Confidence.MEDIUM
POSSIBLE = Confidence.LOW

# Injection

SQL_FROM_TEXT = _security(
    "sql-from-text",
    HIGH,
    "The statement is put together from text: a value with a quote in it becomes SQL. Pass values as parameters.",
    cwe=89,
    confidence=LIKELY,
    answers_to=("S608", "S610", "S611"),
)
SHELL_COMMAND = _security(
    "shell-command",
    HIGH,
    "A shell reads the command: `;`, `$()` or `|` in a value runs other programs. Pass a list of arguments, no shell.",
    cwe=78,
    confidence=LIKELY,
    answers_to=("S602", "S604", "S605", "G204"),
)
CODE_FROM_TEXT = _security(
    "code-from-text",
    HIGH,
    "Text that is not a constant is run as code: whoever can change it runs what they like.",
    cwe=95,
    confidence=LIKELY,
    answers_to=("S102", "S307", "PGH001"),
)
UNSAFE_DESERIALIZATION = _security(
    "unsafe-deserialization",
    HIGH,
    "The format can carry calls: loading data that somebody else can change runs their code. Use JSON.",
    cwe=502,
    confidence=LIKELY,
    answers_to=("S301", "S302", "S506"),
)
HTML_FROM_TEXT = _security(
    "html-from-text",
    MEDIUM,
    "The value goes into the page as markup: a <script> in it runs in the reader's browser. Escape it, or set text.",
    cwe=79,
    confidence=LIKELY,
    answers_to=("S308", "S704", "RUF035"),
)
TEMPLATE_FROM_TEXT = _security(
    "template-from-text",
    HIGH,
    "A template that is not a constant is code: {{ }} in a user's text runs on the server. Pass values, not templates.",
    cwe=1336,
    confidence=LIKELY,
)
AUTOESCAPE_OFF = _security(
    "autoescape-off",
    MEDIUM,
    "The templates do not escape values, so that a value with markup in it runs in the reader's browser.",
    cwe=79,
    confidence=LIKELY,
    answers_to=("S701",),
)

# Secrets

PRIVATE_KEY = _security(
    "private-key",
    CRITICAL,
    "Whoever reads the repository has the key, for ever: it stays in the history. Replace it.",
    cwe=321,
    answers_to=("S105",),
    in_tests=True,
)
PROVIDER_KEY = _security(
    "provider-key",
    CRITICAL,
    "Whoever reads the repository can use the account, for ever: it stays in the history. Revoke it.",
    cwe=798,
    answers_to=("S105", "S106", "S107"),
    in_tests=True,
)
URL_PASSWORD = _security(
    "url-password",
    HIGH,
    "The password stands in the code: everyone with the repository has it. Read it from the environment or a vault.",
    cwe=798,
    confidence=LIKELY,
    answers_to=("S105",),
)
HARDCODED_PASSWORD = _security(
    "hardcoded-password",
    HIGH,
    "The password stands in the code: everyone with the repository has it. Read it from the environment or a vault.",
    cwe=798,
    confidence=LIKELY,
    answers_to=("S105", "S106", "S107", "G101"),
)

# Cryptography and trust

TLS_UNVERIFIED = _security(
    "tls-unverified",
    HIGH,
    "The peer's certificate is not checked: anyone on the way can read and change the traffic.",
    cwe=295,
    answers_to=("S501", "S323", "S504", "G402"),
)
WEAK_PASSWORD_HASH = _security(
    "weak-password-hash",
    HIGH,
    "A fast hash of a password is found by trying billions a second. Use argon2, scrypt or bcrypt.",
    cwe=916,
    confidence=LIKELY,
    answers_to=("S324", "S303"),
)
PREDICTABLE_SECRET = _security(
    "predictable-secret",
    HIGH,
    "The generator is made for simulations: its next values can be told from earlier ones. Use a cryptographic one.",
    cwe=338,
    confidence=LIKELY,
    answers_to=("S311", "G404"),
)
TIMING_COMPARE = _security(
    "timing-compare",
    MEDIUM,
    "== stops at the first difference: its time tells a stranger how much was right. Use a constant-time compare.",
    cwe=208,
    confidence=LIKELY,
)
UNVERIFIED_TOKEN = _security(
    "unverified-token",
    CRITICAL,
    "The token's signature is not checked: anyone can write one that says what they like.",
    cwe=347,
)
DEBUG_MODE = _security(
    "debug-mode",
    HIGH,
    "The debugger's page runs code for whoever reaches it, and tracebacks show the program's inside.",
    cwe=489,
    confidence=LIKELY,
    answers_to=("S201",),
)

# Bugs: errors

SWALLOWED_ERROR = _bug(
    "swallowed-error",
    MEDIUM,
    "Every error ends here without a trace, also those nobody thought of: typing mistakes, full disks, lost peers.",
    cwe=390,
    confidence=LIKELY,
    answers_to=("S110", "S112", "E722", "BLE001"),
    in_tests=False,
)
SWALLOWED_CANCELLATION = _bug(
    "swallowed-cancellation",
    MEDIUM,
    "The coroutine goes on after it was told to stop: timeouts and shutdown wait for it, or hang.",
    cwe=390,
    confidence=LIKELY,
)
UNREACHABLE_HANDLER = _bug(
    "unreachable-handler",
    MEDIUM,
    "An earlier handler of the same try already catches a parent class: this one never runs.",
    cwe=561,
)

# Bugs: coroutines

UNAWAITED_COROUTINE = _bug(
    "unawaited-coroutine",
    HIGH,
    "Calling a coroutine function only makes a coroutine; without await nothing of it runs.",
    cwe=252,
)

# Bugs: values and flow

UNREACHABLE_CODE = _bug(
    "unreachable-code",
    MEDIUM,
    "The statement before always leaves the block: this never runs.",
    cwe=561,
)
MISSING_F_PREFIX = _bug(
    "missing-f-prefix",
    MEDIUM,
    "Without the f the braces are plain text: the name between them is printed, not its value.",
    confidence=LIKELY,
    answers_to=("RUF027",),
)
UNCLOSED_FILE = _bug(
    "unclosed-file",
    LOW,
    "The file stays open until the garbage collector comes by; what was written may not be on the disk yet.",
    cwe=772,
    confidence=LIKELY,
    answers_to=("SIM115",),
    in_tests=False,
)
CHANGED_WHILE_ITERATING = _bug(
    "changed-while-iterating",
    HIGH,
    "Changing a collection while iterating over it skips elements, or raises a RuntimeError.",
    cwe=662,
    answers_to=("B909", "PLE4703"),
)
