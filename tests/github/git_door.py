"""GitHub's git: git's own server (`git http-backend`) behind a password, as GitHub lets an App fetch."""

import asyncio
import base64
import os
from asyncio.subprocess import PIPE
from collections.abc import Container

from aiohttp import web

from tests.github.repository import Repository

CHALLENGE = {"WWW-Authenticate": 'Basic realm="GitHub"'}
ALLOWED = ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant")


async def serve_git(
    request: web.Request, repository: Repository, tokens: Container[str], *, may_push: bool
) -> web.Response:
    """*tokens*: those that are good here. Answers what git's own server says."""
    user, _, password = _credential(request).partition(":")
    if user != "x-access-token" or password not in tokens:
        return web.Response(status=401, headers=CHALLENGE)
    if "git-receive-pack" in f"{request.query_string} {request.path}" and not may_push:
        return web.Response(status=403, text="Write access to repository not granted.")
    settings = {f"GIT_CONFIG_KEY_{number}": name for number, name in enumerate(ALLOWED)}
    settings |= {f"GIT_CONFIG_VALUE_{number}": "true" for number in range(len(ALLOWED))}
    body = await request.read()
    process = await asyncio.create_subprocess_exec(
        "git",
        *("-c", "safe.directory=*", "http-backend"),
        stdin=PIPE,
        stdout=PIPE,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": str(len(ALLOWED)),
            **settings,
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": user,
            "GIT_PROJECT_ROOT": str(_git_dir(repository)),
            "PATH_INFO": "/" + request.match_info["path"],
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": "",  # aiohttp has unpacked it
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        },
    )
    answer, _ = await process.communicate(body)
    head, _, content = answer.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return web.Response(status=status, headers=headers, body=content)


def _git_dir(repository: Repository) -> object:
    below = repository.git_dir / ".git"
    return below if below.exists() else repository.git_dir


def _credential(request: web.Request) -> str:
    encoded = request.headers.get("Authorization", "").removeprefix("Basic ")
    return base64.b64decode(encoded).decode()
