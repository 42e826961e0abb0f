import re

_VERSION = re.compile(r"^v?(\d+)((\.\d+)+)*([a-z]+\d*)*$")
_SIMPLE = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?$")
_EMAIL = re.compile(r"^([a-zA-Z0-9]+\.?)+@example\.org$")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def parse_version(text):
    match = _VERSION.match(text.strip())
    if match is None:
        raise ValueError(f"not a version: {text!r}")
    return tuple(int(part) for part in re.findall(r"\d+", text))


def parse_simple(text):
    match = _SIMPLE.match(text)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def is_maintainer(address):
    return bool(_EMAIL.match(address))
