"""Expressions of templates that name the request, or people's stored words, themselves. Data."""

import re

_REQUEST = re.compile(
    r"\brequest\.(?:args|GET|POST|form|values|cookies|headers|json|query|params|query_params|query_string|path_info|url|META)\b"
    r"|\breq\.(?:query|body|params|cookies|headers)\b|\bparams\[|\bcookies\[|\$_(?:GET|POST|REQUEST|COOKIE)\b|\brequest\(['\"]"
    r"|\bRequest::|\brequest\(\)->|\bgetParameter\(|^param\.\w|^paramValues\b|^header\.\w|^cookie\.\w|\$route\.(?:query|params|hash)"
)

_STORED = re.compile(
    r"^@?(?:current_user|g\.user|session)\.(?:bio|about|name|username|description|signature|website)\b"
)


def is_from_request(expression: str) -> bool:
    return _REQUEST.search(expression) is not None


def is_stored(expression: str) -> bool:
    return _STORED.search(expression) is not None
