"""A stand-in of GitHub that keeps state and checks everything that it is sent.

    async with GitHubStandIn() as github:
        repository = await github.create_repository(git_dir, "octo/demo")
        payload = await github.open_pull_request(repository, head="feature")
        delivery = github.signed_delivery("pull_request", payload)   # POST .body with .headers to the hub
        ...
        github.reviews(repository, payload["number"]); github.check_runs(repository)
        assert github.violations == []

Repositories are real git directories. Every request is held against GitHub's own OpenAPI description, and so is every
answer; the App's JWT is verified with its public key; tokens belong to an installation, expire and carry permissions;
a review on a line that the diff does not show is refused with 422, like there (and is a violation: we should have
known). `interrupt(Interruption("pulls/create-review", after=True, drop=True))` makes an operation, by GitHub's
operationId, fail, hang, lose its answer or wait for the test.

It stands for api.github.com only as far as `endpoints.SERVED_PATHS` goes; anything else is a violation. What it keeps
is in `world`, what people do in `people`, what it answers in `endpoints`.
`python -m tests.github.standin owner/name=GIT_DIR` serves repositories until it is told to stop.
"""

import asyncio
import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import jwt
from aiohttp import web

from tests.github import graphql
from tests.github.answering import Call, Endpoint, Refusal, Violation, json_answer, rate_limit_headers
from tests.github.contract import SentAnswer, SentRequest, github_contract
from tests.github.endpoints import ENDPOINTS, SERVED_PATHS
from tests.github.endpoints.merging import change_auto_merge
from tests.github.git_door import serve_git
from tests.github.interruption import Interruption
from tests.github.people import People
from tests.github.repository import NoSuchObject
from tests.github.world import APP_LOGIN, Token

__all__ = ["APP_LOGIN", "GitHubStandIn", "Interruption"]


class GitHubStandIn(People):
    """GitHub on a loopback port."""

    def __init__(self) -> None:
        super().__init__(github_contract(SERVED_PATHS))
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        for pattern in SERVED_PATHS:
            app.router.add_route("*", pattern, self._serve)
        app.router.add_post("/graphql", self._serve_graphql)
        app.router.add_route("*", "/{owner}/{repo}.git/{path:.*}", self._serve_git)
        app.router.add_route("*", "/{unknown:.*}", self._serve_unknown)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name if not site.name.endswith(":0") else _address(self._runner)
        return self

    async def __aexit__(self, *_: object) -> None:
        for interruption in self.interruptions:
            interruption.release()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        route = request.match_info.route.resource
        assert route is not None
        pattern = route.canonical
        path, query, headers = request.rel_url.raw_path, dict(request.query), dict(request.headers)
        sent = SentRequest(request.method.lower(), path, query, headers, await request.read())
        endpoint = ENDPOINTS.get((request.method, pattern))
        if endpoint is None:
            return await self._serve_unknown(request)
        operation = self.contract.operation(request.method, pattern)
        self.requests[operation] += 1
        faults = self.contract.request_faults(sent) + _header_faults(sent)
        self.violations += [Violation("request", operation, fault) for fault in faults]
        interruption = self._next_interruption(operation)
        if interruption and not interruption.after and (answer := await interruption.happen(request)):
            return answer
        response = await self._answer(endpoint, operation, request, sent, faults)
        answer_faults = self.contract.answer_faults(sent, SentAnswer(response.status, _body_of(response)))
        if response.status < 400 or response.status == 422:
            self.violations += [Violation("answer", operation, fault) for fault in answer_faults]
        if interruption and interruption.after and (answer := await interruption.happen(request)):
            return answer
        return self._tagged(request, operation, response)

    def _tagged(self, request: web.Request, operation: str, response: web.Response) -> web.Response:
        """With an ETag, as GitHub tells what it may be asked about; 304 when it was, and nothing changed."""
        if request.method != "GET" or response.status != 200:
            return response
        etag = f'W/"{hashlib.sha256(_body_of(response)).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            self.unchanged[operation] += 1
            return web.Response(status=304, headers={"ETag": etag, **rate_limit_headers()})
        response.headers["ETag"] = etag
        return response

    async def _serve_graphql(self, request: web.Request) -> web.Response:
        """Not described by OpenAPI. Operations are named `graphql/<field>`."""
        sent = SentRequest("post", "/graphql", {}, dict(request.headers), await request.read())
        asked = graphql.read_request(json.loads(sent.body))
        faults = _header_faults(sent) + ([asked] if isinstance(asked, str) else [])
        self.violations += [Violation("request", "graphql", fault) for fault in faults]
        if isinstance(asked, str):
            return json_answer({"errors": [{"message": asked}]})
        operation = f"graphql/{asked.operation}"
        self.requests[operation] += 1
        interruption = self._next_interruption(operation)
        if interruption and not interruption.after and (answer := await interruption.happen(request)):
            return answer
        response = self._answer_graphql(request, asked)
        if interruption and interruption.after and (answer := await interruption.happen(request)):
            return answer
        return response

    def _answer_graphql(self, request: web.Request, asked: graphql.Asked) -> web.Response:
        token = self.tokens.get(request.headers.get("Authorization", "").partition(" ")[2])
        if token is None or token.expires_at <= datetime.now(UTC):
            return web.json_response({"message": "Bad credentials"}, status=401)
        wanted = asked.variables
        if asked.operation == "pullRequests":
            name, branch = f"{wanted['owner']}/{wanted['repo']}".lower(), wanted["branch"]
            of_branch = [
                one
                for (repository, _), one in self.pull_requests.items()
                if (repository.lower(), one.head_branch, one.state) == (name, branch, "open")
            ]
            return json_answer(graphql.branch_page(of_branch[::-1]))
        if "AutoMerge" in asked.operation:
            return json_answer(change_auto_merge(self, asked))
        if asked.operation == "reviewThreads":
            found = self.pull_requests.get((f"{wanted['owner']}/{wanted['repo']}", wanted["number"]))
            if found is None or "pull_requests" not in self.permissions:
                return json_answer(graphql.refusal("NOT_FOUND", "Could not resolve to a PullRequest"))
            size = min(100, self.page_size_limit)
            return json_answer(graphql.threads_page(found, wanted.get("after"), size))
        if self.permissions.get("contents") != "write" or self.permissions.get("pull_requests") != "write":
            return json_answer(graphql.refusal("FORBIDDEN", "Resource not accessible by integration"))
        number = int(wanted["thread"].removeprefix("PRRT_"))
        for pull_request in self.pull_requests.values():
            if any(comment["id"] == number for comment in pull_request.comments):
                if asked.operation == "resolveReviewThread":
                    pull_request.resolved.setdefault(number, "")
                else:
                    pull_request.resolved.pop(number, None)
                return json_answer({"data": {asked.operation: {"thread": {"id": wanted["thread"]}}}})
        return json_answer(graphql.refusal("NOT_FOUND", "Could not resolve to a node"))

    async def _serve_git(self, request: web.Request) -> web.Response:
        self.requests["git"] += 1
        may_push = self.permissions.get("contents") == "write"
        return await serve_git(request, self.repository(request), self.tokens, may_push=may_push)

    async def _serve_unknown(self, request: web.Request) -> web.Response:
        self.violations.append(
            Violation("request", f"{request.method} {request.path}", "GitHub's stand-in has no such path")
        )
        return web.json_response({"message": "Not Found"}, status=404)

    def _next_interruption(self, operation: str) -> Interruption | None:
        for interruption in self.interruptions:
            if interruption.operation == operation and interruption.times > 0:
                interruption.times -= 1
                return interruption
        return None

    async def _answer(
        self, endpoint: Endpoint, operation: str, request: web.Request, sent: SentRequest, faults: list[str]
    ) -> web.Response:
        try:
            if faults:
                raise Refusal(422, "Invalid request", errors=faults)
            self._authenticate(endpoint, operation, request)
            return await endpoint.answer(self, Call(request, json.loads(sent.body) if sent.body else {}))
        except NoSuchObject:
            return web.json_response(Refusal(404, "Not Found").body, status=404)
        except Refusal as refusal:
            if refusal.status == 422:
                self.violations.append(Violation("request", operation, json.dumps(refusal.body)))
            return web.json_response(refusal.body, status=refusal.status, headers=rate_limit_headers())

    def _authenticate(self, endpoint: Endpoint, operation: str, request: web.Request) -> None:
        """The App by its JWT, an installation by a token that may do this here. Raises Refusal."""
        if operation == "apps/create-from-manifest":
            return None  # whoever has the code
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not credential:
            raise Refusal(401, "Requires authentication")
        if operation.startswith("apps/") and not request.path.startswith("/installation/"):
            return self._verify_app(credential)
        token = self.tokens.get(credential)
        if token is None or token.expires_at <= datetime.now(UTC):
            raise Refusal(401, "Bad credentials")
        if not endpoint.allows(self.permissions):
            raise Refusal(403, "Resource not accessible by integration")
        if not self._reaches(token, request):
            raise Refusal(404, "Not Found")
        return None

    def _reaches(self, token: Token, request: web.Request) -> bool:
        """Its own account's repositories, and forks whose pull requests there let maintainers edit."""
        if "owner" not in request.match_info:
            return True
        account, owner = token.installation.account.lower(), request.match_info["owner"].lower()
        repository = f"{owner}/{request.match_info['repo']}".lower()
        return account == owner or any(
            pull_request.maintainers_may_edit and pull_request.fork.lower() == repository
            for pull_request in self.pull_requests.values()
            if pull_request.repository.owner.lower() == account
        )

    def _verify_app(self, credential: str) -> None:
        """https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app"""
        try:
            claims = jwt.decode(
                credential, self.public_key, algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]}
            )
        except jwt.InvalidTokenError as error:
            raise Refusal(401, f"A JSON web token could not be decoded: {error}") from None
        if str(claims["iss"]) != str(self.app_id):
            raise Refusal(401, "Integration not found")
        if claims["exp"] > time.time() + 600:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")


def _header_faults(sent: SentRequest) -> list[str]:
    """What GitHub asks of every request beyond its OpenAPI description."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    faults = []
    if not headers.get("user-agent"):
        faults.append("no User-Agent")
    if headers.get("accept") != "application/vnd.github+json":
        faults.append(f"Accept is {headers.get('accept')!r}, recommended is application/vnd.github+json")
    if headers.get("x-github-api-version") != "2022-11-28":
        faults.append("no known X-GitHub-Api-Version")
    if "ghs_" in sent.path or any("ghs_" in value for value in sent.query.values()):
        faults.append("a token in the address")
    return faults


def _body_of(response: web.Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


async def _main(arguments: list[str]) -> None:
    """Serve `owner/name=GIT_DIR` ...; the first line on stdout is JSON with the App's identity."""
    async with GitHubStandIn() as github:
        for argument in arguments:
            full_name, _, git_dir = argument.partition("=")
            await github.create_repository(Path(git_dir), full_name)
        facts = {"url": github.url, "app_id": github.app_id, "private_key": github.private_key_pem}
        print(json.dumps(facts | {"webhook_secret": github.webhook_secret}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
