"""The certificate that the hub shows."""

from pathlib import Path

import pytest

from server.config import Settings
from server.errors import ConfigurationInvalid
from server.tls import server_context
from tests.certificates import a_certificate


def test_a_certificate_and_its_key_make_a_door(tmp_path: Path) -> None:
    assert server_context(*a_certificate(tmp_path)).minimum_version.name == "TLSv1_2"


@pytest.mark.parametrize("wrong", ["no file", "another key", "a password", "no PEM"])
def test_what_cannot_be_used_is_told_at_the_start(tmp_path: Path, wrong: str) -> None:
    certificate, key = a_certificate(tmp_path, password=b"secret" if wrong == "a password" else b"")
    if wrong == "no file":
        key.unlink()
    elif wrong == "no PEM":
        certificate.write_text("none")
    elif wrong == "another key":
        (tmp_path / "other").mkdir()
        key = a_certificate(tmp_path / "other").key

    with pytest.raises(ConfigurationInvalid, match="HIVE_TLS_"):
        server_context(certificate, key)


@pytest.mark.parametrize("given", ["HIVE_HTTPS", "HIVE_TLS_CERT", "HIVE_TLS_KEY"])
def test_tls_needs_all_three_settings(tmp_path: Path, given: str) -> None:
    value = "127.0.0.1:0" if given == "HIVE_HTTPS" else "/hub.pem"

    with pytest.raises(ConfigurationInvalid, match=f"missing, but {given} is set"):
        Settings.load({"HIVE_DATA": str(tmp_path), given: value})
