"""Names of methods that do the same in every library, known by themselves: what reads, writes, fills, normalizes."""

NORMALIZING = frozenset(
    {
        *("realpath", "abspath", "normpath", "resolve", "normalize", "Clean", "Abs", "EvalSymlinks", "expand_path"),
        *("getCanonicalPath", "getCanonicalFile", "toRealPath", "path.filepath.Join", "path.Join", "cleanpath"),
    }
)
ONLY_JOINS = frozenset({"java.nio.file.Path.resolve"})
IN_COMMON = frozenset({"commonpath", "commonprefix", "relpath", "relative", "Rel", "relativize"})

PART_METHODS = frozenset({"Hostname", "getHost", "hostname", "Query"})
"""Of an address, where it leads and what it asks: testing this tests that part of it."""
SPLITS = frozenset({"rsplit", "split", "rpartition"})
MAPS = frozenset({"map", "flatMap"})

SAME_TEXT = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "casefold",
        "title",
        "capitalize",
        "encode",
        "decode",
        "replace",
        "expandtabs",
        "removeprefix",
        "removesuffix",
        "trim",
        "trimStart",
        "trimEnd",
        "toLowerCase",
        "toUpperCase",
        "toString",
        "format",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "swapcase",
        "str",
        "get",
        "getlist",
        "pop",
        "value",
        "values",
        "text",
        "string",
        "Trim",
        "ToLower",
        "ToUpper",
        "TrimSpace",
    ]
)
"""Methods whose result is still the text itself: testing it tests the value."""

READS = frozenset(
    {"get", "pop", "setdefault", "getlist", "getfirst", "getone", "getall", "fetch", "dig", "getOrDefault", "Get"}
)
"""Methods that read one part by its key."""

TABLE_READS = frozenset({"getOrDefault", "getOrElse", "GetOrDefault"})
"""Of these, the ones that only tables have: what is found does not carry the key."""

MUTATORS = frozenset(
    [
        "append",
        "add",
        "extend",
        "insert",
        "update",
        "appendleft",
        "extendleft",
        "push",
        "unshift",
        "put",
        "put_nowait",
        "write",
        "writelines",
        "setdefault",
        "set",
        "concat",
    ]
)
"""Methods that put their arguments into their receiver."""

OF_SERVICES = frozenset({"add", "update", "write", "put"})
"""Of these, the ones that an attribute (`self.users.add(user)`) rather has because it is a service, no collection."""

FAILING = frozenset({"int", "float", "uuid.UUID", "complex", "decimal.Decimal", "ipaddress.ip_address"})
"""Conversions that fail on everything but what is harmless."""

MATCHES = frozenset({"match", "fullmatch", "search", "findall", "finditer"})
"""What is found by a narrow pattern is as harmless as the pattern."""

FILLING = frozenset({"replace", "format", "format_map", "join", "concat", "replaceAll", "sub", "safe_substitute"})
"""Methods that put their arguments into the text that is their receiver."""
