"""Which of ruff's rules speak, and what they mean to us. Data; `server/agents/ruff.py` runs the program.

Chosen for precision: bugs and security, no style. Where a rule of ours sees the same problem more exactly (SQL, shells,
pickles, passwords, swallowed errors ...) ruff's is left out, so that one problem has one owner.
"""

# ruff: noqa: E501  # One row, one line: it is a table.

import re
from typing import NamedTuple

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity

HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW


class RuffRule(NamedTuple):
    """*fix*: whether ruff's own edit mends the bug, rather than removing the symptom.

    *only_where*: a pattern that the first line must hold, with a NUL where the problem begins; elsewhere it is style.
    """

    code: str
    severity: Severity
    why: str
    cwe: int | None = None
    confidence: Confidence = Confidence.HIGH
    kind: Kind = Kind.BUG
    fix: bool = False
    in_tests: bool = True
    only_where: str = ""


_UNDEFINED = "The name is not bound when this runs: a NameError."
_FORMAT = "The format and its arguments do not fit: this raises, or prints something else than meant."
_VERSION = "The version comparison is wrong on some Python 3 releases."
_BLOCKS = "A blocking call in a coroutine stops every other task of the event loop until it returns."
_GETTEXT = "The text is put together before the lookup, so that no translation is ever found."
_INVISIBLE = "An invisible control character in source makes the code read otherwise than it runs."
_RETURN_TYPE = "Python refuses this return type when the method is called: a TypeError."
_CLASS_DEFAULT = "The default is made once and shared by every instance."

RULES: tuple[RuffRule, ...] = (
    # Names
    RuffRule("F402", LOW, "The loop variable hides an import: later uses of the module get the last element.", in_tests=False),
    RuffRule("F404", MEDIUM, "A __future__ import after other code is a SyntaxError."),
    RuffRule("F407", MEDIUM, "No such __future__ feature: a SyntaxError."),
    RuffRule("F811", LOW, "The first definition is lost before anyone used it.", confidence=Confidence.MEDIUM),
    RuffRule("F821", HIGH, _UNDEFINED, 457),
    RuffRule("F822", MEDIUM, "A name in __all__ that does not exist breaks `from module import *`."),
    RuffRule("F823", HIGH, "The local name is read before it is assigned: an UnboundLocalError.", 457),
    RuffRule("PLE0115", MEDIUM, "A name cannot be both nonlocal and global: a SyntaxError."),
    RuffRule("PLE0117", MEDIUM, "nonlocal without an outer binding is a SyntaxError."),
    RuffRule("PLE0118", MEDIUM, "The name is used before its global declaration: a SyntaxError."),
    RuffRule("PLE0604", MEDIUM, "__all__ may hold only strings; anything else breaks `import *`."),
    # Control flow
    RuffRule("F701", MEDIUM, "break outside a loop is a SyntaxError."),
    RuffRule("F702", MEDIUM, "continue outside a loop is a SyntaxError."),
    RuffRule("F704", MEDIUM, "yield outside a function is a SyntaxError."),
    RuffRule("F706", MEDIUM, "return outside a function is a SyntaxError."),
    RuffRule("F707", MEDIUM, "A bare except before others is a SyntaxError."),
    RuffRule("B012", HIGH, "Leaving a finally block this way throws away the exception under way, even KeyboardInterrupt.", 584),
    RuffRule("B031", MEDIUM, "The group of groupby is used up after its first pass: the second sees nothing."),
    RuffRule("PLE1142", MEDIUM, "await outside a coroutine is a SyntaxError."),
    RuffRule("PLE1700", MEDIUM, "yield from in a coroutine is a SyntaxError."),
    # Conditions that are not what they seem
    RuffRule("B015", MEDIUM, "The comparison's result is thrown away; an assignment or an assert was meant.", 482, in_tests=False),
    RuffRule("E711", LOW, "== None asks the other operand's __eq__, which may lie (numpy, SQLAlchemy); is None is exact.", confidence=Confidence.MEDIUM, fix=True, in_tests=False),
    RuffRule("F631", HIGH, "An assert on a non-empty tuple never fails.", 571),
    RuffRule("F632", MEDIUM, "is compares identity; whether equal literals are one object is an accident of the interpreter.", 597, fix=True),
    RuffRule("F634", HIGH, "A non-empty tuple is always true: the branch is always taken.", 571),
    RuffRule("PLW0129", MEDIUM, "An assert on a non-empty string never fails.", 571),
    RuffRule("PLW0177", MEDIUM, "NaN equals nothing, not even itself: the comparison is always the same.", 571, in_tests=False),
    RuffRule("PLW2101", HIGH, "The lock is made on the spot: nobody else can hold it, so that it protects nothing.", 667),
    RuffRule("RUF018", LOW, "With python -O the assert and its assignment vanish.", confidence=Confidence.MEDIUM),
    RuffRule("RUF030", MEDIUM, "print() returns None: the assert's message is lost."),
    RuffRule("RUF034", MEDIUM, "Both branches are the same.", 571),
    RuffRule("RUF040", LOW, "The message of an assert should be text; operands were probably mixed up.", in_tests=False),
    RuffRule("RUF060", MEDIUM, "Nothing is ever in an empty collection.", 571, in_tests=False),
    # Exceptions
    RuffRule("B016", HIGH, "Only exceptions can be raised: this is a TypeError."),
    RuffRule("B022", LOW, "suppress() with no class suppresses nothing."),
    RuffRule("B025", MEDIUM, "A second handler of the same class never runs.", 561),
    RuffRule("B029", MEDIUM, "except () catches nothing."),
    RuffRule("B030", HIGH, "Not an exception class: when an exception comes by, this is a TypeError."),
    RuffRule("F901", MEDIUM, "NotImplemented is not an exception; raising it is a TypeError.", fix=True),
    RuffRule("PLW0133", HIGH, "The exception is made but not raised.", fix=True),
    RuffRule("PLW0711", HIGH, "except A or B catches only A.", 584),
    # Strings and formats
    RuffRule("F501", MEDIUM, _FORMAT, 628),
    RuffRule("F502", MEDIUM, _FORMAT, 628),
    RuffRule("F503", MEDIUM, _FORMAT, 628),
    RuffRule("F504", LOW, _FORMAT, 628),
    RuffRule("F505", MEDIUM, _FORMAT, 628),
    RuffRule("F506", MEDIUM, _FORMAT, 628),
    RuffRule("F507", MEDIUM, _FORMAT, 628),
    RuffRule("F508", MEDIUM, _FORMAT, 628),
    RuffRule("F509", MEDIUM, _FORMAT, 628),
    RuffRule("F521", MEDIUM, _FORMAT, 628),
    RuffRule("F522", LOW, _FORMAT, 628),
    RuffRule("F523", LOW, _FORMAT, 628),
    RuffRule("F524", MEDIUM, _FORMAT, 628),
    RuffRule("F525", MEDIUM, _FORMAT, 628),
    RuffRule("PLE1205", MEDIUM, "Too many arguments for the log message: the record is lost to an error inside logging.", 628),
    RuffRule("PLE1206", MEDIUM, "Too few arguments for the log message: the record is lost to an error inside logging.", 628),
    RuffRule("PLE1300", MEDIUM, _FORMAT, 628),
    RuffRule("PLE1307", MEDIUM, _FORMAT, 628, Confidence.MEDIUM),
    RuffRule("B005", MEDIUM, "strip() takes a set of characters, not a prefix: it eats more than the given word.", confidence=Confidence.MEDIUM),
    RuffRule("B021", LOW, "An f-string is no docstring: help() shows nothing."),
    RuffRule("B034", HIGH, "A flag in the place of count: the flag has no effect and the number of replacements is limited."),
    RuffRule("INT001", LOW, _GETTEXT),
    RuffRule("INT002", LOW, _GETTEXT),
    RuffRule("INT003", LOW, _GETTEXT),
    RuffRule("PLE2510", MEDIUM, _INVISIBLE, 1007),
    RuffRule("PLE2512", MEDIUM, _INVISIBLE, 1007),
    # Collections, classes, calls
    RuffRule("B002", MEDIUM, "Python has no ++: this is a double sign that changes nothing.", in_tests=False),
    RuffRule("B003", MEDIUM, "Assigning os.environ does not change the environment of child processes."),
    RuffRule("B032", MEDIUM, "A colon where = was meant: an annotation, which assigns nothing."),
    RuffRule("B035", HIGH, "A constant key in a comprehension: every round overwrites the one before."),
    RuffRule("B039", MEDIUM, "The default of the ContextVar is shared by every context.", 668),
    RuffRule("F601", MEDIUM, "The key stands twice with different values: the first value is lost."),
    RuffRule("F602", MEDIUM, "The key stands twice with different values: the first value is lost."),
    RuffRule("F622", MEDIUM, "Two starred targets in one assignment: a SyntaxError."),
    RuffRule("F633", MEDIUM, "print >> is Python 2: in Python 3 it shifts, and raises."),
    RuffRule("PGH005", HIGH, "The mock's assertion is not called (or misspelt): it checks nothing."),
    RuffRule("PLE0100", MEDIUM, "__init__ as a generator: making an instance is a TypeError."),
    RuffRule("PLE0101", MEDIUM, "__init__ that returns a value: making an instance is a TypeError."),
    RuffRule("PLE0237", MEDIUM, "The attribute is not in __slots__: an AttributeError."),
    RuffRule("PLE0241", MEDIUM, "A base class twice: a TypeError."),
    RuffRule("PLE0302", MEDIUM, "The special method has the wrong number of parameters: Python's call of it fails."),
    RuffRule("PLE0303", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0304", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0305", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0307", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0308", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0309", MEDIUM, _RETURN_TYPE),
    RuffRule("PLE0643", MEDIUM, "The index lies outside the literal sequence: an IndexError.", 129),
    RuffRule("PLE1132", MEDIUM, "The keyword is given twice: a TypeError."),
    RuffRule("PLE1507", MEDIUM, "os.getenv wants a string: a TypeError."),
    RuffRule("PLE1519", MEDIUM, "singledispatch looks at self, so that every call goes to the same function.", fix=True),
    RuffRule("PLE1520", MEDIUM, "singledispatchmethod on a function outside a class skips the first argument.", fix=True),
    RuffRule("PLR0206", MEDIUM, "A property takes no parameters: reading it is a TypeError."),
    RuffRule("PLW0245", MEDIUM, "super without () is the class itself, so that the attribute is not found.", fix=True),
    RuffRule("PLW1501", MEDIUM, "Not a mode of open(): a ValueError."),
    RuffRule("PLW1507", MEDIUM, "copy.copy(os.environ) is the environment itself: changes reach every child process."),
    RuffRule("PLW1509", LOW, "preexec_fn can deadlock in a process with threads.", 833, Confidence.MEDIUM, in_tests=False),
    RuffRule("RUF006", MEDIUM, "The event loop keeps only a weak reference: the task may be collected before it has run.", 772, in_tests=False),
    RuffRule("RUF008", MEDIUM, _CLASS_DEFAULT),
    RuffRule("RUF016", MEDIUM, "The index is of a type that this sequence refuses: a TypeError."),
    RuffRule("RUF024", MEDIUM, "dict.fromkeys gives every key the same mutable object.", fix=True),
    RuffRule("RUF026", MEDIUM, "default_factory= becomes an ordinary key; the factory must be the first argument.", fix=True),
    RuffRule("RUF032", MEDIUM, "Decimal of a float literal keeps the float's error; give it a string.", 682, fix=True, only_where=r"\(\s*\0?\s*-?\d*\.\d*[1-9]"),
    RuffRule("RUF033", MEDIUM, "The default of __post_init__ hides the InitVar's own default."),
    RuffRule("RUF049", MEDIUM, "A dataclass that is an Enum breaks the members' equality."),
    RuffRule("RUF064", MEDIUM, "A decimal number where octal permissions are meant.", 732),
    RuffRule("G101", MEDIUM, "The extra= key clashes with an attribute of LogRecord: logging raises a KeyError."),
    RuffRule("LOG007", LOW, "exc_info=False on exception(): the traceback is lost."),
    RuffRule("YTT101", MEDIUM, _VERSION),
    RuffRule("YTT102", MEDIUM, _VERSION),
    RuffRule("YTT103", MEDIUM, _VERSION),
    RuffRule("YTT301", MEDIUM, _VERSION),
    RuffRule("YTT302", MEDIUM, _VERSION),
    RuffRule("YTT303", MEDIUM, _VERSION),
    RuffRule("T100", LOW, "A debugger left in the code stops the program and waits for a terminal.", 489, only_where=r"\0(?:breakpoint|\w+\.(?:set_trace|breakpoint))\("),
    # Coroutines
    RuffRule("ASYNC100", LOW, "Nothing in the block awaits, so that the timeout can never fire."),
    RuffRule("ASYNC105", MEDIUM, "A coroutine of trio that is not awaited never runs.", fix=True),
    RuffRule("ASYNC210", MEDIUM, _BLOCKS, 1322),
    RuffRule("ASYNC212", MEDIUM, _BLOCKS, 1322),
    RuffRule("ASYNC221", MEDIUM, _BLOCKS, 1322, in_tests=False),
    RuffRule("ASYNC222", MEDIUM, _BLOCKS, 1322, in_tests=False),
    RuffRule("ASYNC250", MEDIUM, _BLOCKS, 1322),
    RuffRule("ASYNC251", MEDIUM, _BLOCKS, 1322, in_tests=False),
    # Security
    RuffRule("S103", MEDIUM, "Anyone on the machine may change or run the file.", 732, kind=Kind.SECURITY, in_tests=False, only_where=r"\0.*\b0o?\d{2}[2367]\b|stat\.S_IWOTH"),
    RuffRule("S113", LOW, "Without a timeout one silent peer holds the caller for ever.", in_tests=False),
    RuffRule("S202", MEDIUM, "A member's path may lead outside the target directory.", 22, Confidence.MEDIUM, Kind.SECURITY, in_tests=False, only_where=r"\0(?!.*\b(?:filter|members)\b)"),
    RuffRule("S306", MEDIUM, "Another process can take the name before the file is made.", 377, kind=Kind.SECURITY, in_tests=False),
    RuffRule("S502", MEDIUM, "The protocol version is broken.", 327, kind=Kind.SECURITY),
    RuffRule("S503", MEDIUM, "The default protocol version is broken.", 327, kind=Kind.SECURITY),
    RuffRule("S505", MEDIUM, "The key is short enough to be broken.", 326, kind=Kind.SECURITY),
    RuffRule("S507", HIGH, "Any host may pose as the server: the key of an unknown one is taken without question.", 295, Confidence.MEDIUM, Kind.SECURITY),
    RuffRule("S508", LOW, "SNMP v1 and v2c send everything in the clear.", 319, Confidence.MEDIUM, Kind.SECURITY),
    RuffRule("S509", LOW, "SNMP v3 without authentication and privacy sends everything in the clear.", 319, Confidence.MEDIUM, Kind.SECURITY),
    RuffRule("S609", MEDIUM, "A file whose name starts with - becomes an option of the command.", 155, Confidence.MEDIUM, Kind.SECURITY),
    RuffRule("S612", MEDIUM, "Whoever reaches the port sends a configuration, which is code.", 94, kind=Kind.SECURITY),
    RuffRule("S702", MEDIUM, "Mako does not escape unless told: default_filters=['h'].", 79, Confidence.MEDIUM, Kind.SECURITY),
)  # fmt: skip

SYNTAX_ERROR = Rule(
    id="hive.syntax-error",
    kind=Kind.BUG,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    why="The file cannot be loaded; nothing in it runs.",
    answers_to=("E999",),
)

SYNTAX_ERROR_CODE = "invalid-syntax"

SELECTED: tuple[str, ...] = tuple(rule.code for rule in RULES)

BY_CODE: dict[str, RuffRule] = {rule.code: rule for rule in RULES}

CATALOGUE: dict[str, Rule] = {
    rule.code: Rule(
        id=f"ruff.{rule.code}",
        kind=rule.kind,
        severity=rule.severity,
        confidence=rule.confidence,
        why=rule.why,
        cwe=rule.cwe,
        answers_to=(rule.code,),
        in_tests=rule.in_tests,
    )
    for rule in RULES
} | {SYNTAX_ERROR_CODE: SYNTAX_ERROR}

_HELP = re.compile(r"\n+help:.*", re.DOTALL)


def plain_message(message: str) -> str:
    """The diagnostic's first line: ruff's server appends its advice."""
    return " ".join(_HELP.sub("", message).split())
