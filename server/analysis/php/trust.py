"""Passwords and secrets in PHP: weak hashes, signatures compared as text, certificates that nobody checks."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.comparing import COMPARED, compares_signature
from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, check
from server.analysis.rules import TIMING_COMPARE, TLS_UNVERIFIED, WEAK_PASSWORD_HASH
from server.reviews.finding import Severity


@check(
    WEAK_PASSWORD_HASH,
    on=called("md5", "sha1", "hash"),
    bad=(
        "<?php $stored = md5($password);\n",
        "<?php if (sha1($_POST['password']) === $row['hash']) { login(); }\n",
        "<?php $h = hash('sha256', $user->password);\n",
        "<?php function setPasswordAttribute($v) { $this->attributes['password'] = sha1($v); }\n",
        "<?php $row = ['name' => $n, 'password' => md5($p)];\n",
    ),
    good=(
        "<?php $stored = password_hash($password, PASSWORD_DEFAULT);\n",
        "<?php $etag = md5($body);\n",
        "<?php $key = hash('sha256', $password_reset_page);\n",
        "<?php $password_cache_key = sha1($path);\n",
    ),
)
def weak_password_hash(call: Node, file: PhpFile) -> Iterator[Hit]:
    name, given = file.callee(call), file.text(call.child_by_field_name("arguments"))
    is_password = re.search(r"(?:passw(?:or)?d|\bpwd|\bpass)['\"]?\]?\s*[.,)]", given, re.IGNORECASE)
    if (is_password or _kept_as_password(call, file)) and "hmac" not in name:
        severity = Severity.MEDIUM if name == "hash" and "sha" in given else Severity.HIGH
        yield Hit(file.span(call), f"A password is hashed with {name}()", severity=severity)


@check(
    TLS_UNVERIFIED,
    on=called("curl_setopt"),
    bad=(
        "<?php curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);\n",
        "<?php curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, 0);\n",
    ),
    good=("<?php curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, true);\n", "<?php curl_setopt($ch, CURLOPT_TIMEOUT, 0);\n"),
)
def unverified(call: Node, file: PhpFile) -> Iterator[Hit]:
    given = file.text(call.child_by_field_name("arguments"))
    if re.search(r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*,\s*(?:false|0)\s*\)", given, re.IGNORECASE):
        yield Hit(file.span(call), "The check of certificates is turned off")


@check(
    TLS_UNVERIFIED,
    on=("member_call_expression", "scoped_call_expression", "array_element_initializer"),
    bad=(
        "<?php $answer = Http::withoutVerifying()->get($address);\n",
        "<?php $answer = Http::withToken($t)->withoutVerifying()->post($address);\n",
        "<?php $client = new Client(['verify' => false]);\n",
        "<?php $context = stream_context_create(['ssl' => ['verify_peer' => false]]);\n",
        "<?php wp_remote_get($address, array('sslverify' => false));\n",
    ),
    good=(
        "<?php $client = new Client(['verify' => '/etc/ssl/our.pem']);\n",
        "<?php Http::withToken($t)->get($address);\n",
        "<?php $rules = ['verify_email' => false];\n",
    ),
)
def unverified_by_option(node: Node, file: PhpFile) -> Iterator[Hit]:
    if node.type == "array_element_initializer":
        option = re.compile(r"""['"](?:verify|verify_peer(?:_name)?|sslverify)['"]\s*=>\s*(?:false|0)""", re.IGNORECASE)
        is_off = option.fullmatch(file.text(node)) is not None
        if is_off and "verify_peer_name" in file.text(node) and _NOT_THE_PEER.search(file.text(node.parent)):
            return  # The option beside it says the same.
    else:
        is_off = file.text(node.child_by_field_name("name")) == "withoutVerifying"
    if is_off:
        yield Hit(file.span(node), "The check of certificates is turned off")


_NOT_THE_PEER = re.compile(r"""['"]verify_peer['"]\s*=>\s*(?:false|0)""", re.IGNORECASE)
_PASSWORD = re.compile(r"(?:[\$>'\"_]|^)passw(?:or)?d(?:_?hash)?['\"]?\]?$", re.IGNORECASE)


def _kept_as_password(call: Node, file: PhpFile) -> bool:
    """Whether what it makes is kept under that name: `$user->password = sha1($value)`."""
    parent = call.parent
    if parent is None or parent.type not in ("assignment_expression", "array_element_initializer"):
        return False
    key = parent.child_by_field_name("left") or parent.named_child(0)
    return key is not None and key != call and _PASSWORD.search(file.text(key)) is not None


_MAKES_SIGNATURE = re.compile(r"\bhash_hmac(?:_file)?\s*\(", re.IGNORECASE)


@check(
    TIMING_COMPARE,
    on=("binary_expression",),
    bad=(
        "<?php function f($body, $given, $key) {\n    $expected = hash_hmac('sha256', $body, $key);\n"
        "    return $given == $expected;\n}\n",
        "<?php function f($body, $given, $key) {\n    $mac = hash_hmac('sha256', $body, $key);\n"
        "    $whole = 'sha256=' . $mac;\n    if ($whole !== $given) { abort(403); }\n}\n",
        "<?php if (hash_hmac('sha1', $body, $key) === $_SERVER['HTTP_X_HUB']) { go(); }\n",
    ),
    good=(
        "<?php function f($body, $given, $key) {\n    $expected = hash_hmac('sha256', $body, $key);\n"
        "    return hash_equals($expected, $given);\n}\n",
        "<?php function f($b, $key) {\n    $mac = hash_hmac('sha256', $b, $key);\n    return $mac === false;\n}\n",
        "<?php function f($a, $b) { return $a == $b; }\n",
    ),
)
def timing_compare(node: Node, file: PhpFile) -> Iterator[Hit]:
    if compares_signature(node, file, _MAKES_SIGNATURE):
        yield Hit(file.span(node), COMPARED)


CHECKS = (weak_password_hash, unverified, unverified_by_option, timing_compare)
