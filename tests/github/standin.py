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

It stands for api.github.com only as far as `contract.SERVED_PATHS` goes; anything else is a violation.
`python -m tests.github.standin owner/name=GIT_DIR` serves repositories until it is told to stop.
"""

import asyncio
import functools
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github import graphql
from tests.github.contract import SERVED_PATHS, SentAnswer, SentRequest, github_contract
from tests.github.hook import Hook
from tests.github.payloads import example
from tests.github.repository import NoSuchObject, Repository, base64_lines, commentable_lines
from tests.github.signing import SignedDelivery, signed_delivery

Json = dict[str, Any]

APP_SLUG = "hive-under-test"
APP_LOGIN = f"{APP_SLUG}[bot]"
PERMISSIONS = {"contents": "read", "metadata": "read", "pull_requests": "write", "checks": "write"}
MAX_BODY_LENGTH = 65_536
MAX_COMPARED_FILES = 300
MAX_LISTED_FILES = 3_000
TOKEN_LIFETIME = timedelta(hours=1)


class Violation(NamedTuple):
    """Somebody broke the contract: our client, or the stand-in itself (*who* is `answer`)."""

    who: str
    operation: str
    reason: str


class Refusal(Exception):
    """What GitHub answers instead."""

    def __init__(self, status: int, message: str, *, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors is not None:
            self.body["errors"] = errors


@dataclass
class Interruption:
    """What goes wrong with the next *times* calls of *operation*, before or *after* they took effect.

    *hold*: wait for `release()`. *drop*: then hang up without an answer. *status*: then answer so. None of them: merely
    let `happened()` be known, and go on.
    """

    operation: str
    after: bool = False
    status: int | None = None
    message: str = "Interrupted"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    hold: bool = False
    times: int = 1
    reached: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _released: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def happened(self) -> None:
        """Wait until it does; a test that waits in vain fails."""
        await asyncio.wait_for(self.reached.wait(), 30)

    def release(self) -> None:
        self._released.set()

    async def happen(self, request: web.Request) -> web.Response | None:
        """The answer instead of the real one, or None to go on."""
        self.reached.set()
        if self.hold:
            await self._released.wait()
        if self.drop and request.transport is not None:
            request.transport.abort()
        if self.drop:
            return web.Response(status=500)
        if self.status is not None:
            return web.json_response({"message": self.message}, status=self.status, headers=self.headers)
        return None


class Installation(NamedTuple):
    id: int
    account: str


class Token(NamedTuple):
    installation: Installation
    expires_at: datetime


class PullRequest:
    def __init__(self, repository: Repository, number: int, *, head: str, base: str, title: str, draft: bool) -> None:
        self.repository = repository
        self.number = number
        self.id = 279_000_000 + number
        self.head_branch = head
        self.base_branch = base
        self.title = title
        self.body = ""
        self.draft = draft
        self.labels: list[str] = []
        self.author = "ada"
        self.state = "open"
        self.head_sha = ""
        self.base_sha = ""
        self.reviews: list[Json] = []
        self.comments: list[Json] = []
        self.conversation: list[Json] = []
        self.resolved: dict[int, str] = {}


class GitHubStandIn:
    """GitHub on a loopback port. Public attributes are set before or while it runs, as a test needs them."""

    def __init__(self, *, webhook_secret: str = "It's a Secret to Everybody") -> None:
        key = _app_key()
        self.app_id = 79_929
        self.private_key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()
        self._public_key = key.public_key()
        self.webhook_secret = webhook_secret
        self.permissions = dict(PERMISSIONS)
        self.token_lifetime = TOKEN_LIFETIME
        self.page_size_limit = 100
        self.collaborators = {"ada": "write"}
        """By login what each may: admin, write or read. GitHub does not know others there."""
        self.reactions: dict[int, list[str]] = {}
        """By comment the App's own."""
        self.url = ""
        self.violations: list[Violation] = []
        self.requests: Counter[str] = Counter()
        self.hook = Hook()
        self.events = ["push", "pull_request"]
        self._contract = github_contract()
        self._repositories: dict[str, Repository] = {}
        self._installations: dict[str, Installation] = {}
        self._tokens: dict[str, Token] = {}
        self._pull_requests: dict[tuple[str, int], PullRequest] = {}
        self._check_runs: list[Json] = []
        self._interruptions: list[Interruption] = []
        self._ids = iter(range(5_000, 1_000_000))
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        for pattern in SERVED_PATHS:
            app.router.add_route("*", pattern, self._serve)
        app.router.add_post("/graphql", self._serve_graphql)
        app.router.add_route("*", "/{unknown:.*}", self._serve_unknown)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name if not site.name.endswith(":0") else _address(self._runner)
        return self

    async def __aexit__(self, *_: object) -> None:
        for interruption in self._interruptions:
            interruption.release()
        if self._runner is not None:
            await self._runner.cleanup()

    # What happens on GitHub: people and the test.

    async def create_repository(self, git_dir: Path, full_name: str = "octo/demo") -> Repository:
        """Put a git directory (bare or with a working tree) on GitHub, and install the App on its owner's account."""
        repository = Repository(git_dir, full_name, len(self._repositories) + 1)
        self._repositories[full_name.lower()] = repository
        owner = repository.owner
        self._installations.setdefault(owner.lower(), Installation(17_000 + len(self._installations), owner))
        return repository

    def installation_of(self, repository: Repository) -> Installation:
        return self._installations[repository.owner.lower()]

    async def open_pull_request(
        self, repository: Repository, *, head: str, base: str = "main", title: str = "Change it", draft: bool = False
    ) -> Json:
        """The payload of `pull_request` `opened`."""
        number = 1 + sum(full_name == repository.full_name for full_name, _ in self._pull_requests)
        pull_request = PullRequest(repository, number, head=head, base=base, title=title, draft=draft)
        self._pull_requests[repository.full_name, number] = pull_request
        await self._follow_branches(pull_request)
        return self.payload(repository, number, "opened")

    async def push(self, repository: Repository, number: int) -> Json:
        """Take the head branch as it is now in the git directory; the payload of `synchronize`."""
        pull_request = self._pull_requests[repository.full_name, number]
        before = pull_request.head_sha
        await self._follow_branches(pull_request)
        return self.payload(repository, number, "synchronize") | {"before": before, "after": pull_request.head_sha}

    def close(self, repository: Repository, number: int) -> Json:
        self._pull_requests[repository.full_name, number].state = "closed"
        return self.payload(repository, number, "closed")

    def payload(self, repository: Repository, number: int, action: str) -> Json:
        """A `pull_request` payload: GitHub's example with this pull request's facts."""
        pull_request = self._pull_requests[repository.full_name, number]
        payload = json.loads(json.dumps(example("pull_request", "opened")))
        payload["action"] = action
        payload["number"] = number
        payload["pull_request"] |= self._pull_request_facts(pull_request)
        for side, branch in (("head", pull_request.head_branch), ("base", pull_request.base_branch)):
            sha = getattr(pull_request, f"{side}_sha")
            payload["pull_request"][side] |= {"ref": branch, "sha": sha, "label": f"{repository.owner}:{branch}"}
            payload["pull_request"][side]["repo"] |= self._repository_facts(repository)
        payload["repository"] |= self._repository_facts(repository)
        payload["installation"]["id"] = self.installation_of(repository).id
        payload["pull_request"]["updated_at"] = datetime.now(UTC).isoformat(timespec="microseconds")
        return dict(payload)

    def label(self, repository: Repository, number: int, *labels: str) -> None:
        self._pull_requests[repository.full_name, number].labels = [*labels]

    def comment(self, repository: Repository, number: int, body: str, *, path: str, line: int) -> Json:
        """A person comments on a line: the payload of `pull_request_review_comment` `created`."""
        pull_request = self._pull_requests[repository.full_name, number]
        facts = {"path": path, "line": line, "body": body}
        review = {"id": next(self._ids), "user": self._user("ada"), "commit_id": pull_request.head_sha}
        comment = self._comment(pull_request, review, facts)
        pull_request.comments.append(comment)
        payload = json.loads(json.dumps(example("pull_request_review_comment", "created")))
        payload["comment"] |= facts | {"id": comment["id"], "user": comment["user"]}
        payload["pull_request"] |= self._pull_request_facts(pull_request)
        return self._from_here(payload, repository, "ada")

    def command(self, repository: Repository, number: int, body: str, *, login: str = "ada") -> Json:
        """A person comments in the conversation: the payload of `issue_comment` `created`."""
        comment = self.say(repository, number, login=login, body=body)
        payload = json.loads(json.dumps(example("issue_comment", "created")))
        payload["comment"] |= {"id": comment["id"], "body": body, "user": comment["user"]}
        address = f"{self._api(repository)}/pulls/{number}"
        payload["issue"] |= {"number": number, "pull_request": {"url": address}}
        return self._from_here(payload, repository, login)

    def reply(self, repository: Repository, number: int, thread_id: int, body: str, *, login: str = "ada") -> Json:
        """A person comments in a thread: the payload of `pull_request_review_comment` `created`."""
        pull_request = self._pull_requests[repository.full_name, number]
        first = next(comment for comment in pull_request.comments if comment["id"] == thread_id)
        facts = {"id": next(self._ids), "body": body, "user": self._user(login), "in_reply_to_id": thread_id}
        pull_request.comments.append(first | facts)
        payload = json.loads(json.dumps(example("pull_request_review_comment", "created")))
        payload["comment"] |= facts
        payload["pull_request"] |= self._pull_request_facts(pull_request)
        return self._from_here(payload, repository, login)

    def _from_here(self, payload: Json, repository: Repository, login: str) -> Json:
        payload["sender"] |= {"login": login, "type": self._user(login)["type"]}
        payload["repository"] |= self._repository_facts(repository)
        payload["installation"]["id"] = self.installation_of(repository).id
        return payload

    def signed_delivery(
        self, event: str, payload: Json, *, delivery_id: str | None = None, form: bool = False
    ) -> SignedDelivery:
        return signed_delivery(self.webhook_secret, event, payload, delivery_id=delivery_id, form=form)

    def add_review(self, repository: Repository, number: int, *, login: str, body: str) -> None:
        """A person reviews, with whatever *body*."""
        pull_request = self._pull_requests[repository.full_name, number]
        pull_request.reviews.append(self._review(pull_request, pull_request.head_sha, body, login))

    def say(self, repository: Repository, number: int, *, login: str, body: str) -> Json:
        """Somebody comments on the pull request as a whole: the comment."""
        comment = self._issue_comment(self._pull_requests[repository.full_name, number], login, body)
        self._pull_requests[repository.full_name, number].conversation.append(comment)
        return comment

    def interrupt(self, interruption: Interruption) -> Interruption:
        """Let it go wrong; several for one operation happen in turn."""
        self._interruptions.append(interruption)
        return interruption

    def expire_tokens(self) -> None:
        """Every token given out so far is refused from now on."""
        self._tokens.clear()

    # What the test wants to see.

    def comments(self, repository: Repository, number: int) -> list[Json]:
        """On lines of a pull request, in the order in which they were made."""
        return self._pull_requests[repository.full_name, number].comments

    def conversation(self, repository: Repository, number: int, *, login: str = APP_LOGIN) -> list[Json]:
        """Comments on a pull request as a whole, as the App (or somebody else) left them."""
        said = self._pull_requests[repository.full_name, number].conversation
        return [comment for comment in said if comment["user"]["login"] == login]

    def resolve_thread(self, repository: Repository, number: int, comment_id: int, *, login: str) -> None:
        """A person resolves the thread that the comment began."""
        self._pull_requests[repository.full_name, number].resolved[comment_id] = login

    def resolved(self, repository: Repository, number: int) -> set[int]:
        """The comments whose threads are resolved."""
        return set(self._pull_requests[repository.full_name, number].resolved)

    def delete_comment(self, repository: Repository, number: int, comment_id: int) -> None:
        """Somebody who may deletes a comment on the pull request as a whole."""
        pull_request = self._pull_requests[repository.full_name, number]
        pull_request.conversation = [said for said in pull_request.conversation if said["id"] != comment_id]

    def reviews(self, repository: Repository, number: int, *, login: str = APP_LOGIN) -> list[Json]:
        """Reviews as the App (or somebody else) left them, each with its `comments`."""
        pull_request = self._pull_requests[repository.full_name, number]
        return [
            review | {"comments": [c for c in pull_request.comments if c["pull_request_review_id"] == review["id"]]}
            for review in pull_request.reviews
            if review["user"]["login"] == login
        ]

    def check_runs(self, repository: Repository, sha: str | None = None) -> list[Json]:
        """Check runs of the repository, each with its `annotations`."""
        return [
            run | {"annotations": list(run["output"]["annotations"])}
            for run in self._check_runs
            if run["repository"] == repository.full_name and sha in (None, run["head_sha"])
        ]

    # The server.

    async def _serve(self, request: web.Request) -> web.Response:
        route = request.match_info.route.resource
        assert route is not None
        pattern = route.canonical
        path, query, headers = request.rel_url.raw_path, dict(request.query), dict(request.headers)
        sent = SentRequest(request.method.lower(), path, query, headers, await request.read())
        handler = HANDLERS.get((request.method, pattern))
        if handler is None:
            return await self._serve_unknown(request)
        operation = self._contract.operation(request.method, pattern)
        self.requests[operation] += 1
        faults = self._contract.request_faults(sent) + _header_faults(sent)
        self.violations += [Violation("request", operation, fault) for fault in faults]
        interruption = self._next_interruption(operation)
        if interruption and not interruption.after and (answer := await interruption.happen(request)):
            return answer
        response = await self._answer(handler, operation, request, sent, faults)
        answer_faults = self._contract.answer_faults(sent, SentAnswer(response.status, _body_of(response)))
        if response.status < 400 or response.status == 422:
            self.violations += [Violation("answer", operation, fault) for fault in answer_faults]
        if interruption and interruption.after and (answer := await interruption.happen(request)):
            return answer
        return response

    async def _serve_graphql(self, request: web.Request) -> web.Response:
        """Not described by OpenAPI. Operations are named `graphql/<field>`."""
        sent = SentRequest("post", "/graphql", {}, dict(request.headers), await request.read())
        asked = graphql.read_request(json.loads(sent.body))
        faults = _header_faults(sent) + ([asked] if isinstance(asked, str) else [])
        self.violations += [Violation("request", "graphql", fault) for fault in faults]
        if isinstance(asked, str):
            return _json({"errors": [{"message": asked}]})
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
        token = self._tokens.get(request.headers.get("Authorization", "").partition(" ")[2])
        if token is None or token.expires_at <= datetime.now(UTC):
            return web.json_response({"message": "Bad credentials"}, status=401)
        wanted = asked.variables
        if asked.operation == "reviewThreads":
            found = self._pull_requests.get((f"{wanted['owner']}/{wanted['repo']}", wanted["number"]))
            if found is None or "pull_requests" not in self.permissions:
                return _json(graphql.refusal("NOT_FOUND", "Could not resolve to a PullRequest"))
            size = min(100, self.page_size_limit)
            return _json(graphql.threads_page(found.comments, found.resolved, wanted.get("after"), size))
        if self.permissions.get("contents") != "write" or self.permissions.get("pull_requests") != "write":
            return _json(graphql.refusal("FORBIDDEN", "Resource not accessible by integration"))
        number = int(wanted["thread"].removeprefix("PRRT_"))
        for pull_request in self._pull_requests.values():
            if any(comment["id"] == number for comment in pull_request.comments):
                if asked.operation == "resolveReviewThread":
                    pull_request.resolved.setdefault(number, "")
                else:
                    pull_request.resolved.pop(number, None)
                return _json({"data": {asked.operation: {"thread": {"id": wanted["thread"]}}}})
        return _json(graphql.refusal("NOT_FOUND", "Could not resolve to a node"))

    async def _serve_unknown(self, request: web.Request) -> web.Response:
        self.violations.append(
            Violation("request", f"{request.method} {request.path}", "GitHub's stand-in has no such path")
        )
        return web.json_response({"message": "Not Found"}, status=404)

    def _next_interruption(self, operation: str) -> Interruption | None:
        for interruption in self._interruptions:
            if interruption.operation == operation and interruption.times > 0:
                interruption.times -= 1
                return interruption
        return None

    async def _answer(
        self, handler: "Handler", operation: str, request: web.Request, sent: SentRequest, faults: list[str]
    ) -> web.Response:
        try:
            if faults:
                raise Refusal(422, "Invalid request", errors=faults)
            self._authenticate(operation, request)
            return await handler(self, Call(request, json.loads(sent.body) if sent.body else {}))
        except NoSuchObject:
            return web.json_response(Refusal(404, "Not Found").body, status=404)
        except Refusal as refusal:
            if refusal.status == 422:
                self.violations.append(Violation("request", operation, json.dumps(refusal.body)))
            return web.json_response(refusal.body, status=refusal.status, headers=_rate_limit_headers())

    def _authenticate(self, operation: str, request: web.Request) -> None:
        """The App by its JWT, an installation by a token that may do this here. Raises Refusal."""
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not credential:
            raise Refusal(401, "Requires authentication")
        if operation.startswith("apps/"):
            return self._verify_app(credential)
        token = self._tokens.get(credential)
        if token is None or token.expires_at <= datetime.now(UTC):
            raise Refusal(401, "Bad credentials")
        wanted, level = NEEDED_PERMISSION[operation]
        if self.permissions.get(wanted) not in ((level, "write") if level == "read" else ("write",)):
            raise Refusal(403, "Resource not accessible by integration")
        if token.installation.account.lower() != request.match_info["owner"].lower():
            raise Refusal(404, "Not Found")
        return None

    def _verify_app(self, credential: str) -> None:
        """https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app"""
        try:
            claims = jwt.decode(
                credential, self._public_key, algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]}
            )
        except jwt.InvalidTokenError as error:
            raise Refusal(401, f"A JSON web token could not be decoded: {error}") from None
        if str(claims["iss"]) != str(self.app_id):
            raise Refusal(401, "Integration not found")
        if claims["exp"] > time.time() + 600:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")

    # State.

    async def _follow_branches(self, pull_request: PullRequest) -> None:
        pull_request.head_sha = await pull_request.repository.commit(pull_request.head_branch)
        pull_request.base_sha = await pull_request.repository.commit(pull_request.base_branch)

    def _repository(self, request: web.Request) -> Repository:
        name = f"{request.match_info['owner']}/{request.match_info['repo']}".lower()
        if name not in self._repositories:
            raise Refusal(404, "Not Found")
        return self._repositories[name]

    def _pull_request(self, request: web.Request) -> PullRequest:
        number = request.match_info.get("pull_number") or request.match_info["issue_number"]
        key = self._repository(request).full_name, int(number)
        if key not in self._pull_requests:
            raise Refusal(404, "Not Found")
        return self._pull_requests[key]

    def _api(self, repository: Repository) -> str:
        return f"{self.url}/repos/{repository.full_name}"

    def _repository_facts(self, repository: Repository) -> Json:
        return {
            "id": repository.id,
            "name": repository.name,
            "full_name": repository.full_name,
            "html_url": f"https://github.com/{repository.full_name}",
            "url": self._api(repository),
        }

    def _pull_request_facts(self, pull_request: PullRequest) -> Json:
        repository = pull_request.repository
        return {
            "id": pull_request.id,
            "number": pull_request.number,
            "url": f"{self._api(repository)}/pulls/{pull_request.number}",
            "html_url": f"https://github.com/{repository.full_name}/pull/{pull_request.number}",
            "title": pull_request.title,
            "body": pull_request.body,
            "state": pull_request.state,
            "draft": pull_request.draft,
            "merged": False,
        }

    def _user(self, login: str) -> Json:
        user: Json = self._contract.example("pull-request")["user"]
        return user | {"login": login, "type": "Bot" if login.endswith("[bot]") else "User", "id": len(login) + 1000}

    def _review(self, pull_request: PullRequest, commit: str, body: str, login: str) -> Json:
        template: Json = self._contract.example("pull-request-review")
        number = next(self._ids)
        html_url = f"https://github.com/{pull_request.repository.full_name}/pull/{pull_request.number}"
        return template | {
            "id": number,
            "user": self._user(login),
            "body": body,
            "state": "COMMENTED",
            "commit_id": commit,
            "html_url": f"{html_url}#pullrequestreview-{number}",
            "submitted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    # Operations, in the order of SERVED_PATHS.

    async def _get_app(self, call: "Call") -> web.Response:
        facts = {"id": self.app_id, "slug": APP_SLUG, "permissions": self.permissions, "events": self.events}
        return _json(self._contract.example("integration") | facts)

    async def _get_hook(self, call: "Call") -> web.Response:
        return _json(self._contract.example("webhook-config") | {"url": self.hook.url})

    async def _list_deliveries(self, call: "Call") -> web.Response:
        """The newest first; a page's address names where it begins, and no number."""
        query, log = call.request.query, self.hook.log[::-1]
        start = int(query.get("cursor", "v1_0").removeprefix("v1_"))
        end = start + min(int(query.get("per_page", "30")), self.page_size_limit)
        more = f"{self.url}/app/hook/deliveries?{urlencode(dict(query) | {'cursor': f'v1_{end}'})}"
        return _json(log[start:end], headers={"Link": f'<{more}>; rel="next"'} if end < len(log) else {})

    async def _redeliver(self, call: "Call") -> web.Response:
        if not await self.hook.deliver_again(int(call.request.match_info["delivery_id"])):
            raise Refusal(404, "Not Found")
        return _json({}, status=202)

    async def _create_token(self, call: "Call") -> web.Response:
        number = int(call.request.match_info["installation_id"])
        installation = next((i for i in self._installations.values() if i.id == number), None)
        if installation is None:
            raise Refusal(404, "Not Found")
        token = f"ghs_{secrets.token_hex(18)}"
        expires_at = datetime.now(UTC) + self.token_lifetime
        self._tokens[token] = Token(installation, expires_at)
        facts = {
            "token": token,
            "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": self.permissions,
        }
        return _json(facts | {"repository_selection": "all"}, status=201)

    async def _create_check_run(self, call: "Call") -> web.Response:
        repository = self._repository(call.request)
        try:
            sha = await repository.commit(call.body["head_sha"])
        except NoSuchObject:
            raise Refusal(422, f"No commit found for SHA: {call.body['head_sha']}") from None
        template = self._contract.example("check-run")
        number = next(self._ids)
        run = template | {
            "id": number,
            "head_sha": sha,
            "external_id": "",
            "status": "queued",
            "conclusion": None,
            "completed_at": None,
            "url": f"{self._api(repository)}/check-runs/{number}",
            "html_url": f"https://github.com/{repository.full_name}/runs/{number}",
            "pull_requests": [],
            "app": template["app"] | {"id": self.app_id, "slug": APP_SLUG},
            "output": {"title": None, "summary": None, "text": None, "annotations": []},
            "repository": repository.full_name,
        }
        self._check_runs.append(run)
        return _json(self._update_run(run, call.body), status=201)

    async def _update_check_run(self, call: "Call") -> web.Response:
        return _json(self._update_run(self._check_run(call), call.body))

    async def _get_check_run(self, call: "Call") -> web.Response:
        return _json(self._shown_run(self._check_run(call)))

    async def _list_annotations(self, call: "Call") -> web.Response:
        template = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
        run = self._check_run(call)
        href = f"https://github.com/{run['repository']}/blob/{run['head_sha']}"
        shown = [template | a | {"blob_href": f"{href}/{a['path']}"} for a in run["output"]["annotations"]]
        return self._page(call.request, shown)

    def _check_run(self, call: "Call") -> Json:
        number, repository = int(call.request.match_info["check_run_id"]), self._repository(call.request)
        for run in self._check_runs:
            if run["id"] == number and run["repository"] == repository.full_name:
                return run
        raise Refusal(404, "Not Found")

    def _update_run(self, run: Json, changes: Json) -> Json:
        completed = changes.get("status") == "completed" or "conclusion" in changes
        if completed and not changes.get("conclusion"):
            raise Refusal(422, "Invalid request. A completed check run needs a conclusion.")
        for name in ("name", "head_sha", "external_id", "status", "conclusion", "started_at", "details_url"):
            if name in changes:
                run[name] = changes[name]
        if completed:
            run["status"] = "completed"
            run["completed_at"] = changes.get("completed_at") or datetime.now(UTC).isoformat(timespec="seconds")
        output = changes.get("output", {})
        for annotation in output.get("annotations", []):
            _check_annotation(annotation)
        run["output"]["annotations"] = [*run["output"]["annotations"], *output.get("annotations", [])]
        run["output"] |= {name: output[name] for name in ("title", "summary", "text") if name in output}
        return self._shown_run(run)

    def _shown_run(self, run: Json) -> Json:
        output = run["output"]
        shown = {name: output[name] for name in ("title", "summary", "text")}
        shown |= {"annotations_count": len(output["annotations"]), "annotations_url": f"{run['url']}/annotations"}
        return {name: value for name, value in run.items() if name != "repository"} | {"output": shown}

    async def _list_check_runs(self, call: "Call") -> web.Response:
        sha = await self._repository(call.request).commit(call.request.match_info["ref"])
        query = call.request.query
        runs = [
            self._shown_run(run)
            for run in reversed(self._check_runs)
            if run["head_sha"] == sha
            and query.get("check_name") in (None, run["name"])
            and query.get("app_id") in (None, str(self.app_id))
        ]
        return self._page(call.request, runs, wrap=lambda page: {"total_count": len(runs), "check_runs": page})

    async def _list_commits(self, call: "Call") -> web.Response:
        query = call.request.query
        commit = self._contract.example("commit-items")[0]
        history = await self._repository(call.request).history(query["sha"], query["path"])
        return self._page(call.request, [commit | {"sha": sha} for sha in history])

    async def _compare(self, call: "Call") -> web.Response:
        repository = self._repository(call.request)
        base, dots, head = call.request.match_info["basehead"].partition("...")
        if not dots:
            raise Refusal(404, "Not Found")
        base_sha, head_sha = await repository.commit(base), await repository.commit(head)
        merge_base = await repository.merge_base(base_sha, head_sha)
        template = self._contract.example("commit-comparison")
        commit = template["base_commit"]
        ahead = await repository.commits(merge_base, head_sha)
        behind = await repository.commits(merge_base, base_sha)
        first_page = int(call.request.query.get("page", "1")) == 1
        files = await repository.changed_files(merge_base, head_sha) if first_page else []
        status = {(0, 0): "identical", (0, 1): "behind", (1, 0): "ahead"}.get((bool(ahead), bool(behind)), "diverged")
        return self._page(
            call.request,
            [
                commit | {"sha": sha, "commit": commit["commit"] | {"message": await repository.message(sha)}}
                for sha in ahead
            ],
            wrap=lambda page: (
                template
                | {
                    "status": status,
                    "ahead_by": len(ahead),
                    "behind_by": len(behind),
                    "total_commits": len(ahead),
                    "base_commit": commit | {"sha": base_sha},
                    "merge_base_commit": commit | {"sha": merge_base},
                    "commits": page,
                    "files": [self._file(repository, head_sha, file) for file in files[:MAX_COMPARED_FILES]],
                }
            ),
        )

    def _file(self, repository: Repository, sha: str, file: Json) -> Json:
        page = f"https://github.com/{repository.full_name}"
        contents = f"{self._api(repository)}/contents/{file['filename']}?ref={sha}"
        where = {"blob_url": f"{page}/blob/{sha}/{file['filename']}", "raw_url": f"{page}/raw/{sha}/{file['filename']}"}
        return file | where | {"contents_url": contents}

    async def _get_blob(self, call: "Call") -> web.Response:
        repository = self._repository(call.request)
        sha = call.request.match_info["file_sha"]
        content = await repository.blob(sha)
        facts = {
            "sha": sha,
            "size": len(content),
            "node_id": f"B_{sha}",
            "url": f"{self._api(repository)}/git/blobs/{sha}",
        }
        return _json(facts | {"content": base64_lines(content), "encoding": "base64"})

    async def _get_tree(self, call: "Call") -> web.Response:
        repository = self._repository(call.request)
        sha = await repository.tree_of(call.request.match_info["tree_sha"])
        entries = await repository.tree(sha, recursive="recursive" in call.request.query)
        shown = [e | {"url": f"{self._api(repository)}/git/{e['type']}s/{e['sha']}"} for e in entries]
        return _json({"sha": sha, "url": f"{self._api(repository)}/git/trees/{sha}", "tree": shown, "truncated": False})

    async def _get_installation(self, call: "Call") -> web.Response:
        installation = self.installation_of(self._repository(call.request))
        template = self._contract.example("installation")
        return _json(template | {"id": installation.id, "app_id": self.app_id, "app_slug": APP_SLUG})

    async def _list_issue_comments(self, call: "Call") -> web.Response:
        return self._page(call.request, self._pull_request(call.request).conversation)

    async def _create_issue_comment(self, call: "Call") -> web.Response:
        pull_request = self._pull_request(call.request)
        _check_issue_comment(call.body["body"])
        comment = self._issue_comment(pull_request, APP_LOGIN, call.body["body"])
        pull_request.conversation.append(comment)
        return _json(comment, status=201)

    async def _update_issue_comment(self, call: "Call") -> web.Response:
        repository, number = self._repository(call.request), int(call.request.match_info["comment_id"])
        for pull_request in self._pull_requests.values():
            for comment in pull_request.conversation:
                if comment["id"] == number and pull_request.repository is repository:
                    _check_issue_comment(call.body["body"])
                    comment["body"] = call.body["body"]
                    return _json(comment)
        raise Refusal(404, "Not Found")

    def _issue_comment(self, pull_request: PullRequest, login: str, body: str) -> Json:
        template: Json = self._contract.example("issue-comment")
        number = next(self._ids)
        page = f"https://github.com/{pull_request.repository.full_name}/pull/{pull_request.number}"
        return template | {
            "id": number,
            "user": self._user(login),
            "body": body,
            "url": f"{self._api(pull_request.repository)}/issues/comments/{number}",
            "html_url": f"{page}#issuecomment-{number}",
        }

    async def _get_pull_request(self, call: "Call") -> web.Response:
        pull_request = self._pull_request(call.request)
        repository = pull_request.repository
        template = self._contract.example("pull-request")
        files = await repository.changed_files(
            await repository.merge_base(pull_request.base_sha, pull_request.head_sha), pull_request.head_sha
        )
        facts = self._pull_request_facts(pull_request)
        facts |= {
            "requested_teams": [],
            "locked": False,
            "changed_files": len(files),
            "additions": sum(file["additions"] for file in files),
            "deletions": sum(file["deletions"] for file in files),
            "labels": [template["labels"][0] | {"name": name} for name in pull_request.labels],
            "user": self._user(pull_request.author),
            "closed_at": None,
            "merged_at": None,
        }
        for side, branch in (("head", pull_request.head_branch), ("base", pull_request.base_branch)):
            repo = template[side]["repo"] | self._repository_facts(repository)
            facts[side] = template[side] | {"ref": branch, "sha": getattr(pull_request, f"{side}_sha"), "repo": repo}
        return _json(template | facts)

    async def _list_comments(self, call: "Call") -> web.Response:
        return self._page(call.request, self._pull_request(call.request).comments)

    async def _create_reply(self, call: "Call") -> web.Response:
        pull_request = self._pull_request(call.request)
        asked = int(call.request.match_info["comment_id"])
        parent = next((comment for comment in pull_request.comments if comment["id"] == asked), None)
        if parent is None:
            raise Refusal(404, "Not Found")
        if parent.get("in_reply_to_id"):
            raise Refusal(422, "Validation Failed", errors=["Replies to replies are not supported"])
        number = next(self._ids)
        facts = {
            "id": number,
            "user": self._user(APP_LOGIN),
            "body": call.body["body"],
            "in_reply_to_id": asked,
            "html_url": f"https://github.com/{pull_request.repository.full_name}/pull/1#discussion_r{number}",
        }
        pull_request.comments.append(parent | facts)
        return _json(self._contract.example("pull-request-review-comment") | facts, status=201)

    async def _get_permission(self, call: "Call") -> web.Response:
        self._repository(call.request)
        login = call.request.match_info["username"]
        if login not in self.collaborators:
            raise Refusal(404, f"{login} is not a user")
        template = self._contract.example("repository-collaborator-permission-response-if-user-has-admin-permissions")
        level = self.collaborators[login]
        user = template["user"] | {"login": login, "role_name": level}
        return _json(template | {"permission": level, "role_name": level, "user": user})

    async def _react(self, call: "Call") -> web.Response:
        """GitHub keeps one of each."""
        repository, number = self._repository(call.request), int(call.request.match_info["comment_id"])
        on_lines = "/pulls/" in call.request.path
        theirs = [p for p in self._pull_requests.values() if p.repository is repository]
        if not any(c["id"] == number for p in theirs for c in (p.comments if on_lines else p.conversation)):
            raise Refusal(404, "Not Found")
        given, content = self.reactions.setdefault(number, []), call.body["content"]
        status = 200 if content in given else 201
        if status == 201:
            given.append(content)
        return _json(self._contract.example("reaction") | {"content": content}, status=status)

    async def _list_files(self, call: "Call") -> web.Response:
        pull_request = self._pull_request(call.request)
        repository = pull_request.repository
        base = await repository.merge_base(pull_request.base_sha, pull_request.head_sha)
        files = (await repository.changed_files(base, pull_request.head_sha))[:MAX_LISTED_FILES]
        return self._page(call.request, [self._file(repository, pull_request.head_sha, file) for file in files])

    async def _list_reviews(self, call: "Call") -> web.Response:
        return self._page(call.request, self._pull_request(call.request).reviews)

    async def _create_review(self, call: "Call") -> web.Response:
        pull_request = self._pull_request(call.request)
        repository = pull_request.repository
        body, comments = call.body.get("body", ""), call.body.get("comments", [])
        commit = call.body.get("commit_id", pull_request.head_sha)
        if call.body.get("event") != "COMMENT":
            raise Refusal(422, "Unprocessable Entity", errors=["The stand-in knows only reviews that comment"])
        if not body.strip():
            raise Refusal(422, "Unprocessable Entity", errors=["Body can't be blank"])
        if len(body) > MAX_BODY_LENGTH:
            raise Refusal(
                422, "Unprocessable Entity", errors=[f"Body is too long (maximum is {MAX_BODY_LENGTH} characters)"]
            )
        try:
            part_of_it = await repository.is_ancestor(await repository.commit(commit), pull_request.head_sha)
        except NoSuchObject:
            part_of_it = False
        if not part_of_it:
            raise Refusal(422, "Unprocessable Entity", errors=["Commit is not part of the pull request"])
        base = await repository.merge_base(pull_request.base_sha, commit)
        files = {file["filename"]: file for file in await repository.changed_files(base, commit)}
        for comment in comments:
            _check_comment(comment, files)
        review = self._review(pull_request, commit, body, APP_LOGIN)
        pull_request.reviews.append(review)
        pull_request.comments += [self._comment(pull_request, review, comment) for comment in comments]
        return _json(review)

    def _comment(self, pull_request: PullRequest, review: Json, comment: Json) -> Json:
        template: Json = self._contract.example("pull-request-review-comment-items")[0]
        number = next(self._ids)
        start = comment.get("start_line")
        facts = {
            "id": number,
            "url": f"{self._api(pull_request.repository)}/pulls/comments/{number}",
            "pull_request_review_id": review["id"],
            "user": review["user"],
            "commit_id": review["commit_id"],
            "original_commit_id": review["commit_id"],
            "path": comment["path"],
            "body": comment["body"],
            "line": comment["line"],
            "original_line": comment["line"],
            "side": comment.get("side", "RIGHT"),
            "start_line": start,
            "original_start_line": start,
            "start_side": comment.get("start_side", "RIGHT") if start else None,
            "subject_type": "line",
        }
        template.pop("in_reply_to_id", None)
        return template | facts

    def _page(
        self, request: web.Request, items: list[Any], *, wrap: Callable[[list[Any]], Any] = lambda page: page
    ) -> web.Response:
        """One page of *items*, with `Link` as GitHub sets it."""
        size = min(int(request.query.get("per_page", "30")), self.page_size_limit)
        number = int(request.query.get("page", "1"))
        last = max(1, -(-len(items) // size))
        links = {"next": number + 1, "last": last} if number < last else {}
        if number > 1:
            links |= {"first": 1, "prev": number - 1}
        base = f"{self.url}{request.rel_url.raw_path}"
        address = {name: f"{base}?{urlencode(dict(request.query) | {'page': page})}" for name, page in links.items()}
        headers = {"Link": ", ".join(f'<{url}>; rel="{name}"' for name, url in address.items())} if address else {}
        return _json(wrap(items[(number - 1) * size : number * size]), headers=headers)


class Call(NamedTuple):
    request: web.Request
    body: Json


Handler = Callable[[GitHubStandIn, Call], Awaitable[web.Response]]

PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
CHECK_RUNS = "/repos/{owner}/{repo}/check-runs"

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/app"): GitHubStandIn._get_app,
    ("GET", "/app/hook/config"): GitHubStandIn._get_hook,
    ("GET", "/app/hook/deliveries"): GitHubStandIn._list_deliveries,
    ("POST", "/app/hook/deliveries/{delivery_id}/attempts"): GitHubStandIn._redeliver,
    ("POST", "/app/installations/{installation_id}/access_tokens"): GitHubStandIn._create_token,
    ("POST", CHECK_RUNS): GitHubStandIn._create_check_run,
    ("GET", f"{CHECK_RUNS}/{{check_run_id}}"): GitHubStandIn._get_check_run,
    ("PATCH", f"{CHECK_RUNS}/{{check_run_id}}"): GitHubStandIn._update_check_run,
    ("GET", f"{CHECK_RUNS}/{{check_run_id}}/annotations"): GitHubStandIn._list_annotations,
    ("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs"): GitHubStandIn._list_check_runs,
    ("GET", "/repos/{owner}/{repo}/commits"): GitHubStandIn._list_commits,
    ("GET", "/repos/{owner}/{repo}/compare/{basehead}"): GitHubStandIn._compare,
    ("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}"): GitHubStandIn._get_blob,
    ("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}"): GitHubStandIn._get_tree,
    ("GET", "/repos/{owner}/{repo}/installation"): GitHubStandIn._get_installation,
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}"): GitHubStandIn._update_issue_comment,
    ("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments"): GitHubStandIn._list_issue_comments,
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments"): GitHubStandIn._create_issue_comment,
    ("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission"): GitHubStandIn._get_permission,
    ("POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"): GitHubStandIn._react,
    ("POST", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions"): GitHubStandIn._react,
    ("GET", PULL): GitHubStandIn._get_pull_request,
    ("GET", f"{PULL}/comments"): GitHubStandIn._list_comments,
    ("POST", f"{PULL}/comments/{{comment_id}}/replies"): GitHubStandIn._create_reply,
    ("GET", f"{PULL}/files"): GitHubStandIn._list_files,
    ("GET", f"{PULL}/reviews"): GitHubStandIn._list_reviews,
    ("POST", f"{PULL}/reviews"): GitHubStandIn._create_review,
}

NEEDED_PERMISSION = {
    "checks/create": ("checks", "write"),
    "checks/get": ("checks", "read"),
    "checks/update": ("checks", "write"),
    "checks/list-annotations": ("checks", "read"),
    "checks/list-for-ref": ("checks", "read"),
    "repos/list-commits": ("contents", "read"),
    "repos/compare-commits-with-basehead": ("contents", "read"),
    "git/get-blob": ("contents", "read"),
    "git/get-tree": ("contents", "read"),
    "issues/update-comment": ("pull_requests", "write"),
    "issues/list-comments": ("pull_requests", "read"),
    "issues/create-comment": ("pull_requests", "write"),
    "repos/get-collaborator-permission-level": ("metadata", "read"),
    "reactions/create-for-issue-comment": ("pull_requests", "write"),
    "reactions/create-for-pull-request-review-comment": ("pull_requests", "write"),
    "pulls/get": ("pull_requests", "read"),
    "pulls/list-review-comments": ("pull_requests", "read"),
    "pulls/create-reply-for-review-comment": ("pull_requests", "write"),
    "pulls/list-files": ("pull_requests", "read"),
    "pulls/list-reviews": ("pull_requests", "read"),
    "pulls/create-review": ("pull_requests", "write"),
}


@functools.cache
def _app_key() -> rsa.RSAPrivateKey:
    """One for all stand-ins of a process: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _check_comment(comment: Json, files: Mapping[str, Json]) -> None:
    """As GitHub does: the whole review is refused, and the text does not say which comment it was."""
    file = files.get(comment["path"])
    if file is None:
        raise Refusal(422, "Unprocessable Entity", errors=["Path could not be resolved"])
    if not comment["body"].strip() or len(comment["body"]) > MAX_BODY_LENGTH:
        raise Refusal(422, "Unprocessable Entity", errors=["Body is blank or too long"])
    hunks = commentable_lines(file.get("patch", ""))
    side = {"LEFT": 0, "RIGHT": 1}[comment.get("side", "RIGHT")]
    line, start = comment.get("line"), comment.get("start_line")
    hunk = next((hunk[side] for hunk in hunks if line in hunk[side]), None)
    if hunk is None:
        raise Refusal(422, "Unprocessable Entity", errors=["Line could not be resolved"])
    if start is not None and start >= line:
        raise Refusal(422, "Unprocessable Entity", errors=["Start line must precede the end line."])
    if start is not None and start not in hunk:
        raise Refusal(422, "Unprocessable Entity", errors=["Start line must be part of the same hunk as the line."])


def _check_issue_comment(body: str) -> None:
    if not body.strip() or len(body) > MAX_BODY_LENGTH:
        raise Refusal(422, "Validation Failed", errors=["Body is blank or too long"])


def _check_annotation(annotation: Json) -> None:
    start, end = annotation["start_line"], annotation["end_line"]
    if not annotation["path"] or not 1 <= start <= end:
        raise Refusal(422, "Invalid request", errors=["an annotation needs a path and ordered lines"])
    if start != end and ("start_column" in annotation or "end_column" in annotation):
        raise Refusal(422, "Invalid request", errors=["columns need an annotation of one line"])
    if len(annotation["message"].encode()) > 65_536 or len(annotation.get("title", "")) > 255:
        raise Refusal(422, "Invalid request", errors=["an annotation's text is too long"])


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


def _json(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(content, status=status, headers={**_rate_limit_headers(), **(headers or {})})


def _rate_limit_headers() -> dict[str, str]:
    reset = str(int(time.time()) + 3_000)
    return {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": reset}


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
