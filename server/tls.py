"""The certificate that the hub shows, checked at its start. Knows no door; `server/hub` opens one with it."""

import ssl
from pathlib import Path

from server.errors import ConfigurationInvalid


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer. *certificate*: PEM, with the chain. Raises `ConfigurationInvalid`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path, setting in ((certificate, "HIVE_TLS_CERT"), (key, "HIVE_TLS_KEY")):
        if not path.is_file():
            raise ConfigurationInvalid(f"{setting} names {path}, where no file is", hint="name a PEM file")
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        hint = "both are PEM files; the key has no password and belongs to the first certificate"
        raise ConfigurationInvalid(f"HIVE_TLS_CERT and HIVE_TLS_KEY cannot be used: {error}", hint=hint) from error
    return context


def _no_password() -> str:
    """OpenSSL would ask at the terminal, where a service has nobody."""
    raise ValueError("the key has a password")
