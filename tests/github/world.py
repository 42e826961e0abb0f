"""What the stand-in of GitHub keeps, and how it shows it: no door, nothing that people do.

`endpoints` answer from it, `people` change it, `standin` serves it.
"""

import functools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github.answering import Json, Refusal, Violation
from tests.github.contract import Contract
from tests.github.hook import Hook
from tests.github.interruption import Interruption
from tests.github.repository import Repository

APP_SLUG = "hive-under-test"
APP_LOGIN = f"{APP_SLUG}[bot]"
PERMISSIONS = {"contents": "read", "metadata": "read", "pull_requests": "write", "checks": "write"}
MAX_BODY_LENGTH = 65_536
TOKEN_LIFETIME = timedelta(hours=1)


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
        self.fork_owner = ""
        self.state = "open"
        self.fork = ""
        """The head's repository, if it is another one: its full name."""
        self.maintainers_may_edit = False
        self.opened_at = datetime.now(UTC)
        self.merged_at: datetime | None = None
        self.head_sha = ""
        self.base_sha = ""
        self.reviews: list[Json] = []
        self.comments: list[Json] = []
        self.conversation: list[Json] = []
        self.resolved: dict[int, str] = {}
        self.assignees: list[str] = []
        self.state_reason: str | None = None
        self.updated_at = datetime.now(UTC)
        self.requested: list[str] = []
        """Reviewers."""
        self.mergeable: bool | None = True
        self.rules = "clean"
        self.merge_sha = ""
        self.merged_by = ""
        self.auto_merged_by = ""

    @property
    def node_id(self) -> str:
        return f"PR_{self.id}"


class Issue:
    def __init__(self, repository: Repository, number: int, *, title: str, body: str, author: str) -> None:
        self.repository = repository
        self.number = number
        self.id = 444_500_000 + number
        self.title = title
        self.body = body
        self.author = author
        self.labels: list[str] = []
        self.assignees: list[str] = []
        self.state = "open"
        self.state_reason: str | None = None
        self.updated_at = datetime.now(UTC)
        self.conversation: list[Json] = []


class World:
    """Public attributes are set before or while it is served, as a test needs them."""

    def __init__(self, contract: Contract) -> None:
        key = _app_key()
        self.contract = contract
        self.app_id = 79_929
        self.private_key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()
        self.public_key = key.public_key()
        self.webhook_secret = "It's a Secret to Everybody"
        self.permissions = dict(PERMISSIONS)
        self.token_lifetime = TOKEN_LIFETIME
        self.page_size_limit = 100
        self.listed_files_limit = 3_000
        self.collaborators = {"ada": "write"}
        """By login what each may: admin, write or read. GitHub does not know others there."""
        self.reactions: dict[int, list[str]] = {}
        """By comment the App's own."""
        self.thumbs: dict[int, list[Json]] = {}
        """By comment on a line those of others."""
        self.url = ""
        self.violations: list[Violation] = []
        self.requests: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()
        """Of them, those that were answered with 304: they cost nothing."""
        self.hook = Hook()
        self.events = ["push", "pull_request"]
        self.manifests: dict[str, Json] = {}
        """By code those to which somebody agreed."""
        self.repositories: dict[str, Repository] = {}
        self.installations: dict[str, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.pull_requests: dict[tuple[str, int], PullRequest] = {}
        self.issues: dict[tuple[str, int], Issue] = {}
        self.statuses: dict[str, dict[str, str]] = {}
        """Of commits, by their context."""
        self.runs: list[Json] = []
        """Check runs, with their annotations."""
        self.protections: dict[tuple[str, str], Json] = {}
        """Classic protection, by repository and branch."""
        self.rulesets: list[Json] = []
        self.analyses: list[Json] = []
        """What was uploaded to code scanning: what GitHub shows of it, and the log itself."""
        self.deployments: list[Json] = []
        self.deployment_statuses: list[Json] = []
        self.commit_statuses: list[Json] = []
        """As our App said them, the oldest first."""
        self.interruptions: list[Interruption] = []
        self.ids = iter(range(5_000, 1_000_000))

    async def follow_branches(self, pull_request: PullRequest) -> None:
        pull_request.head_sha = await pull_request.repository.commit(pull_request.head_branch)
        pull_request.base_sha = await pull_request.repository.commit(pull_request.base_branch)

    def next_number(self, repository: Repository) -> int:
        """Issues and pull requests are numbered together."""
        return 1 + sum(one.repository is repository for one in self.threads())

    def threads(self) -> list["Issue | PullRequest"]:
        """The oldest first."""
        return sorted([*self.issues.values(), *self.pull_requests.values()], key=lambda one: one.number)

    async def add_pull_request(
        self, repository: Repository, *, head: str, base: str, title: str, draft: bool = False
    ) -> PullRequest:
        number = self.next_number(repository)
        pull_request = PullRequest(repository, number, head=head, base=base, title=title, draft=draft)
        self.pull_requests[repository.full_name, number] = pull_request
        await self.follow_branches(pull_request)
        return pull_request

    async def merge(self, pull_request: PullRequest, method: str, *, by: str) -> None:
        """By git, in the repository's own directory."""
        pull_request.merge_sha = await pull_request.repository.merge(
            pull_request.base_branch, pull_request.head_sha, method, f"{pull_request.title} (#{pull_request.number})"
        )
        pull_request.state = "closed"
        pull_request.merged_by = by
        pull_request.merged_at = datetime.now(UTC)

    # What a request speaks of. Each raises Refusal when there is no such thing.

    def repository(self, request: web.Request) -> Repository:
        name = f"{request.match_info['owner']}/{request.match_info['repo']}".lower()
        if name not in self.repositories:
            raise Refusal(404, "Not Found")
        return self.repositories[name]

    def pull_request(self, request: web.Request) -> PullRequest:
        number = request.match_info.get("pull_number") or request.match_info["issue_number"]
        key = self.repository(request).full_name, int(number)
        if key not in self.pull_requests:
            raise Refusal(404, "Not Found")
        return self.pull_requests[key]

    def thread(self, request: web.Request) -> "Issue | PullRequest":
        key = self.repository(request).full_name, int(request.match_info["issue_number"])
        found = self.issues.get(key) or self.pull_requests.get(key)
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    # How it is shown.

    def installation_of(self, repository: Repository) -> Installation:
        return self.installations[repository.owner.lower()]

    def api_of(self, repository: Repository) -> str:
        return f"{self.url}/repos/{repository.full_name}"

    def repository_facts(self, repository: Repository) -> Json:
        return {
            "id": repository.id,
            "name": repository.name,
            "full_name": repository.full_name,
            "html_url": f"https://github.com/{repository.full_name}",
            "url": self.api_of(repository),
        }

    def pull_request_facts(self, pull_request: PullRequest) -> Json:
        repository = pull_request.repository
        return {
            "id": pull_request.id,
            "number": pull_request.number,
            "url": f"{self.api_of(repository)}/pulls/{pull_request.number}",
            "html_url": f"https://github.com/{repository.full_name}/pull/{pull_request.number}",
            "title": pull_request.title,
            "body": pull_request.body,
            "state": pull_request.state,
            "draft": pull_request.draft,
            "merged": bool(pull_request.merge_sha),
        }

    def user(self, login: str) -> Json:
        user: Json = self.contract.example("pull-request")["user"]
        return user | {"login": login, "type": "Bot" if login.endswith("[bot]") else "User", "id": len(login) + 1000}

    def review_facts(self, pull_request: PullRequest, commit: str, body: str, login: str) -> Json:
        template: Json = self.contract.example("pull-request-review")
        number = next(self.ids)
        html_url = f"https://github.com/{pull_request.repository.full_name}/pull/{pull_request.number}"
        return template | {
            "id": number,
            "user": self.user(login),
            "body": body,
            "state": "COMMENTED",
            "commit_id": commit,
            "html_url": f"{html_url}#pullrequestreview-{number}",
            "submitted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def comment_facts(self, pull_request: PullRequest, review: Json, comment: Json) -> Json:
        template: Json = self.contract.example("pull-request-review-comment-items")[0]
        number = next(self.ids)
        start = comment.get("start_line")
        facts = {
            "id": number,
            "url": f"{self.api_of(pull_request.repository)}/pulls/comments/{number}",
            "pull_request_review_id": review["id"],
            "user": review["user"],
            "commit_id": review["commit_id"],
            "original_commit_id": review["commit_id"],
            "path": comment["path"],
            "body": comment["body"],
            "line": comment.get("line"),
            "original_line": comment.get("line"),
            "side": comment.get("side", "RIGHT"),
            "start_line": start,
            "original_start_line": start,
            "start_side": comment.get("start_side", "RIGHT") if start else None,
            "subject_type": comment.get("subject_type", "line"),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        template.pop("in_reply_to_id", None)
        if facts["subject_type"] == "file":
            of_lines = ("line", "side")
            shown = {name: value for name, value in (template | facts).items() if not name.endswith(of_lines)}
            return shown | {"subject_type": "file"}
        return template | facts

    def issue_comment_facts(self, pull_request: "Issue | PullRequest", login: str, body: str) -> Json:
        template: Json = self.contract.example("issue-comment")
        number = next(self.ids)
        page = f"https://github.com/{pull_request.repository.full_name}/pull/{pull_request.number}"
        return template | {
            "id": number,
            "user": self.user(login),
            "body": body,
            "url": f"{self.api_of(pull_request.repository)}/issues/comments/{number}",
            "html_url": f"{page}#issuecomment-{number}",
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def file_facts(self, repository: Repository, sha: str, file: Json) -> Json:
        page = f"https://github.com/{repository.full_name}"
        contents = f"{self.api_of(repository)}/contents/{file['filename']}?ref={sha}"
        where = {"blob_url": f"{page}/blob/{sha}/{file['filename']}", "raw_url": f"{page}/raw/{sha}/{file['filename']}"}
        return file | where | {"contents_url": contents}


@functools.cache
def _app_key() -> rsa.RSAPrivateKey:
    """One for all stand-ins of a process: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
