"""The language itself: what numbers and tests leave of a value, what calls back, what escapes."""

from server.analysis.flow.models import (
    ALL_DANGERS,
    ANY,
    RECEIVER,
    Calls,
    Danger,
    Guard,
    Harmless,
    Model,
    Sanitizer,
    Sink,
    Through,
)
from server.analysis.flow.rules import REGEX_FROM_REQUEST, UNSAFE_REFLECTION
from server.analysis.javascript.models.names import methods, under
from server.analysis.rules import CODE_FROM_TEXT

_ADDRESSES = frozenset({Danger.URL, Danger.REDIRECT, Danger.PATH, Danger.HEADER, Danger.LOG, Danger.HTML})
_TEXT_ONLY = frozenset({Danger.NOSQL, Danger.PROTOTYPE, Danger.MASS_ASSIGNMENT})

MODELS: tuple[Model, ...] = (
    Harmless(
        (
            *("Number", "parseInt", "parseFloat", "Boolean", "isNaN", "isFinite", "BigInt", "Symbol", "Date"),
            *under("Number", "parseInt parseFloat isInteger isFinite isNaN isSafeInteger"),
            *under("Math", "abs ceil floor round trunc min max random sign sqrt pow"),
            *under("Date", "parse now UTC"),
            *under("Array", "isArray"),
            *methods(
                "getTime valueOf charCodeAt codePointAt localeCompare findIndex lastIndexOf indexOf startsWith endsWith"
            ),
            *methods("length size byteLength some every"),
        )
    ),
    Guard(("typeof.number", "typeof.boolean", "typeof.bigint"), ALL_DANGERS),
    Guard(("typeof.string",), _TEXT_ONLY),
    Guard(("Number.isInteger", "Number.isFinite", "Number.isSafeInteger", "isFinite"), ALL_DANGERS),
    Sanitizer(("String", "encodeURIComponent", "escape", "encodeURI"), _TEXT_ONLY),
    Sanitizer(methods("toString toLowerCase toUpperCase trim slice substring substr padStart join"), _TEXT_ONLY),
    Sanitizer(("encodeURIComponent", "escape"), _ADDRESSES),
    Sanitizer(("encodeURI",), frozenset({Danger.HTML, Danger.HEADER, Danger.LOG})),
    Sanitizer(("JSON.stringify",), frozenset({Danger.HTML, Danger.LOG, Danger.HEADER, *_TEXT_ONLY})),
    Sanitizer(("*.%escapes_markup",), frozenset({Danger.HTML})),
    Sanitizer(("*.%escapes_quotes",), frozenset({Danger.SQL})),
    Sanitizer(("*.%removes_lines",), frozenset({Danger.LOG, Danger.HEADER})),
    Sanitizer(("*.%keeps_only",), ALL_DANGERS),
    Through(
        ("Buffer.from", "atob", "decodeURIComponent", "decodeURI", "unescape", "structuredClone", "URLSearchParams"),
        (0,),
    ),
    Calls(methods("then map forEach filter flatMap find findLast sort each"), 0, args=(RECEIVER,)),
    Calls(methods("reduce reduceRight"), 0, args=(1, RECEIVER)),
    Calls(methods("catch finally"), 0),
    Calls(
        methods("on once addEventListener addListener subscribe done fail always ready click submit change keyup"), ANY
    ),
    Calls(
        ("setTimeout", "setInterval", "setImmediate", "process.nextTick", "queueMicrotask", "requestAnimationFrame"), 0
    ),
    Calls(("$", "jQuery", "describe", "it", "Promise"), ANY),
    Sink(("eval", "execScript", "Function"), Danger.CODE, CODE_FROM_TEXT),
    Sink(("setTimeout", "setInterval"), Danger.CODE, CODE_FROM_TEXT, args=(0,)),
    Sink(("Function",), Danger.CODE, CODE_FROM_TEXT, (1, 2, 3)),
    Sink(("require", "import", "js.chosen_function"), Danger.REFLECTION, UNSAFE_REFLECTION),
    Sink(("RegExp",), Danger.REGEX, REGEX_FROM_REQUEST),
    Sanitizer(
        (
            *("escapeRegExp", "lodash.escapeRegExp", "_.escapeRegExp", "escape-string-regexp", "*.escapeRegExp"),
            *("RegExp.escape", "escapeRegex", "escapeStringRegexp"),
        ),
        frozenset({Danger.REGEX}),
    ),
)
