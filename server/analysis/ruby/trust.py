"""Passwords, secrets and certificates in Ruby."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.comparing import COMPARED, compares_signature
from server.analysis.parsed import called
from server.analysis.ruby.file import RubyFile
from server.analysis.rule import Hit, check
from server.analysis.rules import TIMING_COMPARE, TLS_UNVERIFIED, WEAK_PASSWORD_HASH
from server.reviews.finding import Severity


@check(
    WEAK_PASSWORD_HASH,
    on=called("hexdigest", "digest", "base64digest"),
    bad=("stored = Digest::MD5.hexdigest(password)\n", "h = Digest::SHA256.hexdigest(salt + params[:password])\n"),
    good=("etag = Digest::MD5.hexdigest(body)\n", "stored = BCrypt::Password.create(password)\n"),
)
def weak_password_hash(call: Node, file: RubyFile) -> Iterator[Hit]:
    name, given = file.callee(call), file.text(call.child_by_field_name("arguments"))
    if name.startswith("Digest::") and re.search(r"passw(?:or)?d\b|\bpwd\b", given, re.IGNORECASE):
        severity = Severity.HIGH if "MD5" in name or "SHA1" in name else Severity.MEDIUM
        yield Hit(file.span(call), f"A password is hashed with {name.partition('.')[0]}", severity=severity)


@check(
    TLS_UNVERIFIED,
    on=("assignment", "pair"),
    bad=("http.verify_mode = OpenSSL::SSL::VERIFY_NONE\n", "get(url, ssl_verify_mode: OpenSSL::SSL::VERIFY_NONE)\n"),
    good=(
        "http.verify_mode = OpenSSL::SSL::VERIFY_PEER\n",
        "if options[:no_check_certificate]\n  http.verify_mode = OpenSSL::SSL::VERIFY_NONE\nend\n",
        "http.verify_mode = OpenSSL::SSL::VERIFY_NONE if insecure?\n",
    ),
)
def unverified(node: Node, file: RubyFile) -> Iterator[Hit]:
    value = node.child_by_field_name("right") or node.child_by_field_name("value")
    if value is None or file.text(value) != "OpenSSL::SSL::VERIFY_NONE":
        return
    tests = (above.child_by_field_name("condition") for above in file.ancestors(node))
    if not any(test is not None and _ASKED_FOR.search(file.text(test)) for test in tests):
        yield Hit(file.span(node), "The check of certificates is turned off")


_ASKED_FOR = re.compile(r"insecure|no_?(?:check|verif)|skip_?(?:ssl|tls|verif|cert)|verif|self_?signed", re.IGNORECASE)
"""Of an option by which somebody chooses it for once."""

_MAKES_SIGNATURE = re.compile(r"OpenSSL::HMAC\.(?:hex|base64)?digest|OpenSSL::HMAC\.new")


@check(
    TIMING_COMPARE,
    on=("binary",),
    bad=(
        "def f(body, given)\n  expected = OpenSSL::HMAC.hexdigest('sha256', KEY, body)\n  given == expected\nend\n",
        "def f\n  head :forbidden if user.api_token != params[:token]\nend\n",
        "def f(body, given)\n  head :forbidden if given != 'sha1=' + OpenSSL::HMAC.hexdigest('sha1', KEY, body)\nend\n",
    ),
    good=(
        "def f(body, given)\n  expected = OpenSSL::HMAC.hexdigest('sha256', KEY, body)\n"
        "  Rack::Utils.secure_compare(expected, given)\nend\n",
        "def f(a, b)\n  a == b\nend\n",
    ),
)
def timing_compare(node: Node, file: RubyFile) -> Iterator[Hit]:
    if compares_signature(node, file, _MAKES_SIGNATURE):
        yield Hit(file.span(node), COMPARED)


CHECKS = (weak_password_hash, unverified, timing_compare)
