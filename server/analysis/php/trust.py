"""Passwords and secrets in PHP: weak hashes, predictable values, certificates that nobody checks."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.parsed import called
from server.analysis.php.file import PhpFile
from server.analysis.rule import Hit, check
from server.analysis.rules import TLS_UNVERIFIED, WEAK_PASSWORD_HASH
from server.reviews.finding import Severity


@check(
    WEAK_PASSWORD_HASH,
    on=called("md5", "sha1", "hash"),
    bad=(
        "<?php $stored = md5($password);\n",
        "<?php if (sha1($_POST['password']) === $row['hash']) { login(); }\n",
        "<?php $h = hash('sha256', $user->password);\n",
    ),
    good=(
        "<?php $stored = password_hash($password, PASSWORD_DEFAULT);\n",
        "<?php $etag = md5($body);\n",
        "<?php $key = hash('sha256', $password_reset_page);\n",
    ),
)
def weak_password_hash(call: Node, file: PhpFile) -> Iterator[Hit]:
    name, given = file.callee(call), file.text(call.child_by_field_name("arguments"))
    if re.search(r"(?:passw(?:or)?d|\bpwd|\bpass)['\"]?\]?\s*[.,)]", given, re.IGNORECASE) and "hmac" not in name:
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


CHECKS = (weak_password_hash, unverified)
