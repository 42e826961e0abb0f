"""No line of a log tells a secret."""

import pytest

from server.observability.logs import redact

TOLD = {
    "a key of our API": "refused hive_abc123_Zm9vYmFyYmF6cXV4",
    "an installation's token": "GitHub said no to ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "a fine-grained token": "used github_pat_11ABCDEFG0abcdefghijkl_mnop",
    "a model's key": "asked with sk-ant-api03-abcdefghij",
    "a private key": "read -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "a password in an address": "cannot reach postgres://hive:correct-horse@db:5432/hive",
    "a header": "sent Authorization: Bearer abc.def.ghi",
}
SECRETS = ("Zm9vYmFyYmF6cXV4", "16C7e42F", "mnop", "abcdefghij", "MIIEpAIBAAKCAQEA", "correct-horse", "abc.def")


@pytest.mark.parametrize("line", TOLD.values(), ids=TOLD)
def test_a_secret_is_taken_out_wherever_it_stands(line: str) -> None:
    logged = redact(None, "info", {"event": line, "jobs": 3, "reason": line})

    assert not any(secret in str(logged) for secret in SECRETS)
    assert "[redacted]" in str(logged["event"])
    assert logged["jobs"] == 3
