"""Our rules about bugs as data: what each means in any language. The checks that find them stand with their language.

Severity is by harm: high = breaks the program; medium = wrong results; low = a trap. A check may raise or lower it.
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
    also: tuple[int, ...] = (),
    remedy: str,
) -> Rule:
    return Rule(f"hive.{name}", Kind.BUG, severity, confidence, why, cwe, answers_to, in_tests, also, remedy)


HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
LIKELY = Confidence.MEDIUM

# Errors

SWALLOWED_ERROR = _bug(
    "swallowed-error",
    MEDIUM,
    "Every error ends here without a trace, also those nobody thought of: typing mistakes, full disks, lost peers.",
    cwe=390,
    confidence=LIKELY,
    answers_to=("S110", "S112", "E722", "BLE001"),
    in_tests=False,
    remedy="Name the errors that are expected, and log or raise the others; if it must stay, say why in a comment.",
)
SWALLOWED_CANCELLATION = _bug(
    "swallowed-cancellation",
    MEDIUM,
    "The coroutine goes on after it was told to stop: timeouts and shutdown wait for it, or hang.",
    cwe=390,
    confidence=LIKELY,
    remedy="Raise it again after cleaning up: raise at the end of the handler.",
)
UNREACHABLE_HANDLER = _bug(
    "unreachable-handler",
    MEDIUM,
    "An earlier handler of the same try already catches a parent class: this one never runs.",
    cwe=561,
    remedy="Put the handler of the subclass before that of its parent.",
)

# Coroutines

UNAWAITED_COROUTINE = _bug(
    "unawaited-coroutine",
    HIGH,
    "Calling a coroutine function only makes a coroutine; without await nothing of it runs.",
    cwe=252,
    remedy="await it, or hand it to asyncio.create_task and keep the task.",
)

# Values and flow

UNREACHABLE_CODE = _bug(
    "unreachable-code",
    MEDIUM,
    "The statement before always leaves the block: this never runs.",
    cwe=561,
    remedy="Delete it, or move it before the statement that leaves.",
)
MISSING_F_PREFIX = _bug(
    "missing-f-prefix",
    MEDIUM,
    "Without the f the braces are plain text: the name between them is printed, not its value.",
    confidence=LIKELY,
    answers_to=("RUF027",),
    remedy="Put an f before the quote.",
)
UNCLOSED_FILE = _bug(
    "unclosed-file",
    LOW,
    "The file stays open until the garbage collector comes by; what was written may not be on the disk yet.",
    cwe=772,
    confidence=LIKELY,
    answers_to=("SIM115",),
    in_tests=False,
    remedy="with open(...) as file: closes it on every path.",
)
CHANGED_WHILE_ITERATING = _bug(
    "changed-while-iterating",
    HIGH,
    "Changing a collection while iterating over it skips elements, or raises a RuntimeError.",
    cwe=662,
    answers_to=("B909", "PLE4703"),
    remedy="Go over a copy, list(xs), or make a new collection of what stays.",
)
DUPLICATE_CONDITION = _bug(
    "duplicate-condition",
    MEDIUM,
    "The same condition was tested before: this branch never runs, or this operand changes nothing.",
    cwe=561,
    remedy="Name the other condition that was meant, or delete the branch.",
)
CONSTANT_CONDITION = _bug(
    "constant-condition",
    HIGH,
    "The condition is the same whatever the values are: one branch never runs.",
    cwe=571,
    remedy="Compare with each of the values: x in (a, b), or x == a or x == b.",
)
SELF_ASSIGNMENT = _bug(
    "self-assignment",
    MEDIUM,
    "The assignment does nothing; another name was meant.",
    cwe=1164,
    remedy="Name the other side that was meant, or delete the line.",
)
NONE_RESULT = _bug(
    "none-result",
    HIGH,
    "The method changes its object in place and returns None.",
    cwe=252,
    remedy="Call it on a line of its own, or use what gives back a new object: sorted(xs), reversed(xs).",
)
LOST_RESULT = _bug(
    "lost-result",
    MEDIUM,
    "The method changes nothing in place: its result is the only effect, and is thrown away.",
    cwe=252,
    remedy="Assign the result: name = name.strip().",
)
EVALUATED_ONCE = _bug(
    "evaluated-once",
    MEDIUM,
    "A default is evaluated once, when the function is defined: every call gets the same value.",
    answers_to=("B008",),
    remedy="Use None as default, and ask for the value in the body.",
)
MISSING_COMMA = _bug(
    "missing-comma",
    MEDIUM,
    "Two strings next to each other become one: an element is missing and another is wrong.",
    confidence=LIKELY,
    answers_to=("ISC004",),
    remedy="Put the comma between them; if they belong together, put parentheses around both.",
)
CALLED_TOO_EARLY = _bug(
    "called-too-early",
    HIGH,
    "The function runs here and now, and its result None is handed over; leave out the parentheses.",
    remedy="Hand over the function itself: target=work.",
)
SHELL_DROPS_ARGUMENTS = _bug(
    "shell-drops-arguments",
    HIGH,
    "With shell=True only the first element of the list is the command; the others become arguments of the shell.",
    cwe=88,
    answers_to=("S602",),
    remedy="A list without shell=True.",
)
ABSOLUTE_JOIN = _bug(
    "absolute-join",
    MEDIUM,
    "An absolute component throws away everything before it.",
    remedy="Leave out the slash at the beginning of the component.",
)
NAIVE_TIMESTAMP = _bug(
    "naive-timestamp",
    HIGH,
    "utcnow() has no time zone and timestamp() takes it for local time: wrong by the machine's offset.",
    answers_to=("DTZ003", "DTZ004"),
    remedy="datetime.now(timezone.utc).timestamp().",
)
STOP_ITERATION = _bug(
    "stop-iteration",
    HIGH,
    "StopIteration raised inside a generator becomes a RuntimeError (PEP 479); use return.",
    remedy="return ends a generator; next(it, None) asks without an error.",
)
TRUE_TEXT = _bug(
    "true-text",
    HIGH,
    "Every non-empty text is true, 'False' and '0' too: compare it with the words that you mean.",
    cwe=571,
    remedy="Compare: os.environ.get('DEBUG', '').lower() in ('1', 'true', 'yes').",
)
UNFORMATTED = _bug(
    "unformatted",
    MEDIUM,
    "Only the log functions fill in %s from further arguments; here the text stays as it is.",
    cwe=628,
    remedy="Use an f-string, or put % or .format behind the text.",
)
EMPTY_ASSERTION = _bug(
    "empty-assertion",
    MEDIUM,
    "The second argument of assertTrue is a message, not a value to compare with: the test checks less than it seems.",
    cwe=571,
    remedy="assertEqual(value, expected).",
)
MERGE_CONFLICT = _bug(
    "merge-conflict",
    HIGH,
    "A merge was left half done: the file holds both versions and the marks between them.",
    remedy="Choose what stays of both versions, and delete the marks.",
)
MUTABLE_DEFAULT = _bug(
    "mutable-default",
    MEDIUM,
    "The default is made once, when the function is defined: what one call puts in, the next call finds.",
    answers_to=("B006",),
    remedy="Use None as default, and make the object in the body.",
)
LATE_BINDING = _bug(
    "late-binding",
    HIGH,
    "The function looks the variable up when it is called: after the loop, every one of them sees the last value.",
    confidence=LIKELY,
    answers_to=("B023",),
    remedy="Bind the value now: lambda i=i: ..., or functools.partial.",
)
DUPLICATE_KEY = _bug(
    "duplicate-key",
    MEDIUM,
    "The key stands twice: the first value is lost.",
    cwe=561,
    remedy="Delete one of the two, or give it the key that was meant.",
)
ASSIGNED_IN_CONDITION = _bug(
    "assigned-in-condition",
    HIGH,
    "One = assigns: the variable is overwritten, and the condition is always the same.",
    cwe=481,
    remedy="=== compares.",
)
RETURN_IN_FINALLY = _bug(
    "return-in-finally",
    HIGH,
    "Leaving a finally block this way throws away the error under way.",
    cwe=584,
    answers_to=("B012",),
    remedy="Leave the block at its end; put the return behind it.",
)
MISSING_TEMPLATE = _bug(
    "missing-template",
    MEDIUM,
    "In ordinary quotes ${ } is plain text: the name is printed, not its value.",
    confidence=LIKELY,
    remedy="Use backquotes around the text.",
)
IGNORED_ERROR = _bug(
    "ignored-error",
    MEDIUM,
    "The error is thrown away: the code goes on as if the call had worked.",
    cwe=391,
    confidence=LIKELY,
    in_tests=False,
    remedy="Look at the error: return it, log it, or say why it does not matter.",
)
UNCLOSED_BODY = _bug(
    "unclosed-body",
    MEDIUM,
    "A response body that is not closed keeps its connection: the process runs out of them.",
    cwe=772,
    confidence=LIKELY,
    in_tests=False,
    remedy="defer resp.Body.Close() after the error was looked at.",
)
NANOSECONDS = _bug(
    "nanoseconds",
    HIGH,
    "A bare number is nanoseconds: the wait is over before it began.",
    cwe=682,
    remedy="Multiply by a unit: 5 * time.Second.",
)
FORMAT_MISMATCH = _bug(
    "format-mismatch",
    MEDIUM,
    "The format and its arguments do not fit: the text says %!v(MISSING) or %!(EXTRA ...).",
    cwe=628,
    remedy="Give each verb one argument of its kind.",
)
LOCK_NOT_RELEASED = _bug(
    "lock-not-released",
    HIGH,
    "The lock is taken a second time instead of released: the goroutine waits for itself, for ever.",
    cwe=833,
    remedy="defer mu.Unlock() right after mu.Lock().",
)
LATE_ADD = _bug(
    "late-add",
    HIGH,
    "Wait may run before the goroutine has added itself: it then waits for nobody.",
    cwe=362,
    remedy="wg.Add(1) before the go statement.",
)
DEFER_IN_LOOP = _bug(
    "defer-in-loop",
    LOW,
    "The deferred call runs when the function ends, not each round: everything stays open until then.",
    cwe=772,
    confidence=LIKELY,
    in_tests=False,
    remedy="Put the body of the loop in a function of its own.",
)
