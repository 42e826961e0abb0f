from __future__ import annotations

import json
import logging
import ssl
import subprocess
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

import yaml

log = logging.getLogger(__name__)
DEFAULT_URL = "https://blobs.example.org/"


class ClientError(Exception):
    """The server said no."""


class Client:
    def __init__(self, url: str = DEFAULT_URL, token: str | None = None, *, context: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._token = token
        self._context = context or ssl.create_default_context()

    def fetch(self, digest: str) -> bytes:
        with self._open(f"blobs/{quote(digest, safe='')}") as reply:
            return reply.read()

    def describe(self, digest: str) -> Mapping[str, Any]:
        with self._open(f"meta/{quote(digest, safe='')}") as reply:
            return json.load(reply)

    def _open(self, path: str):
        request = urllib.request.Request(urljoin(self._url, path), headers=self._headers())
        log.debug("GET %s", request.full_url)
        return urllib.request.urlopen(request, timeout=30, context=self._context)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def load_settings(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file) or {}


def version_of(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.partition("\n")[0]


def token_from(environment: Mapping[str, str]) -> str | None:
    return environment.get("STORAGE_TOKEN") or None
