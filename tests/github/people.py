"""What happens on GitHub's stand-in without our App: people act, and a test looks at what came of it.

Whatever sends a webhook returns its payload, not yet delivered.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.github.answering import Json
from tests.github.interruption import Interruption
from tests.github.payloads import example, examples
from tests.github.repository import Repository
from tests.github.signing import SignedDelivery, signed_delivery
from tests.github.world import APP_LOGIN, Installation, Issue, World


class People(World):
    # What people do.

    async def create_repository(self, git_dir: Path, full_name: str = "octo/demo") -> Repository:
        """Put a git directory (bare or with a working tree) on GitHub, and install the App on its owner's account."""
        repository = Repository(git_dir, full_name, len(self.repositories) + 1)
        self.repositories[full_name.lower()] = repository
        owner = repository.owner
        self.installations.setdefault(owner.lower(), Installation(17_000 + len(self.installations), owner))
        return repository

    async def open_pull_request(
        self, repository: Repository, *, head: str, base: str = "main", title: str = "Change it", draft: bool = False
    ) -> Json:
        """The payload of `pull_request` `opened`."""
        pull_request = await self.add_pull_request(repository, head=head, base=base, title=title, draft=draft)
        return self.payload(repository, pull_request.number, "opened")

    async def push(self, repository: Repository, number: int) -> Json:
        """Take the head branch as it is now in the git directory; the payload of `synchronize`."""
        pull_request = self.pull_requests[repository.full_name, number]
        before = pull_request.head_sha
        await self.follow_branches(pull_request)
        return self.payload(repository, number, "synchronize") | {"before": before, "after": pull_request.head_sha}

    def close(self, repository: Repository, number: int) -> Json:
        self.pull_requests[repository.full_name, number].state = "closed"
        return self.payload(repository, number, "closed")

    def payload(self, repository: Repository, number: int, action: str) -> Json:
        """A `pull_request` payload: GitHub's example with this pull request's facts."""
        pull_request = self.pull_requests[repository.full_name, number]
        payload = json.loads(json.dumps(example("pull_request", "opened")))
        payload["action"] = action
        payload["number"] = number
        payload["pull_request"] |= self.pull_request_facts(pull_request)
        for side, branch in (("head", pull_request.head_branch), ("base", pull_request.base_branch)):
            sha = getattr(pull_request, f"{side}_sha")
            payload["pull_request"][side] |= {"ref": branch, "sha": sha, "label": f"{repository.owner}:{branch}"}
            payload["pull_request"][side]["repo"] |= self.repository_facts(repository)
        payload["repository"] |= self.repository_facts(repository)
        payload["installation"]["id"] = self.installation_of(repository).id
        payload["pull_request"]["updated_at"] = datetime.now(UTC).isoformat(timespec="microseconds")
        return dict(payload)

    def open_issue(self, repository: Repository, title: str, body: str = "", *, login: str = "ada") -> Json:
        """The payload of `issues` `opened`."""
        number = self.next_number(repository)
        self.issues[repository.full_name, number] = Issue(repository, number, title=title, body=body, author=login)
        return self.issue_payload(repository, number, "opened", login=login)

    def issue_payload(self, repository: Repository, number: int, action: str, *, login: str = "ada") -> Json:
        issue = self.issues[repository.full_name, number]
        opened = next(e.payload for e in examples() if e.event == "issues" and e.payload["action"] == "opened")
        payload = json.loads(json.dumps(opened)) | {"action": action, "installation": {}}
        payload["issue"] |= {"number": number, "title": issue.title, "body": issue.body}
        return self._from_here(payload, repository, login)

    def label(self, repository: Repository, number: int, *labels: str) -> None:
        self.pull_requests[repository.full_name, number].labels = [*labels]

    def comment(self, repository: Repository, number: int, body: str, *, path: str, line: int) -> Json:
        """A person comments on a line: the payload of `pull_request_review_comment` `created`."""
        pull_request = self.pull_requests[repository.full_name, number]
        facts = {"path": path, "line": line, "body": body}
        review = {"id": next(self.ids), "user": self.user("ada"), "commit_id": pull_request.head_sha}
        comment = self.comment_facts(pull_request, review, facts)
        pull_request.comments.append(comment)
        payload = json.loads(json.dumps(example("pull_request_review_comment", "created")))
        payload["comment"] |= facts | {"id": comment["id"], "user": comment["user"]}
        payload["pull_request"] |= self.pull_request_facts(pull_request)
        return self._from_here(payload, repository, "ada")

    def command(self, repository: Repository, number: int, body: str, *, login: str = "ada") -> Json:
        """A person comments in the conversation: the payload of `issue_comment` `created`."""
        comment = self.say(repository, number, login=login, body=body)
        payload = json.loads(json.dumps(example("issue_comment", "created")))
        payload["comment"] |= {"id": comment["id"], "body": body, "user": comment["user"]}
        address = f"{self.api_of(repository)}/pulls/{number}"
        payload["issue"] |= {"number": number, "pull_request": {"url": address}}
        return self._from_here(payload, repository, login)

    def reply(self, repository: Repository, number: int, thread_id: int, body: str, *, login: str = "ada") -> Json:
        """A person comments in a thread: the payload of `pull_request_review_comment` `created`."""
        pull_request = self.pull_requests[repository.full_name, number]
        first = next(comment for comment in pull_request.comments if comment["id"] == thread_id)
        facts = {"id": next(self.ids), "body": body, "user": self.user(login), "in_reply_to_id": thread_id}
        pull_request.comments.append(first | facts)
        payload = json.loads(json.dumps(example("pull_request_review_comment", "created")))
        payload["comment"] |= facts
        payload["pull_request"] |= self.pull_request_facts(pull_request)
        return self._from_here(payload, repository, login)

    def press(self, repository: Repository, run: Json, identifier: str, *, login: str = "ada") -> Json:
        """A person presses a button of a check run: the payload of `check_run` `requested_action`."""
        payload = json.loads(json.dumps(example("check_run", "requested_action")))
        shown = {name: run[name] for name in ("id", "head_sha", "external_id")}
        payload["check_run"] |= shown | {"pull_requests": []}
        payload["requested_action"] = {"identifier": identifier}
        return self._from_here(payload, repository, login)

    def _from_here(self, payload: Json, repository: Repository, login: str) -> Json:
        payload["sender"] |= {"login": login, "type": self.user(login)["type"]}
        payload["repository"] |= self.repository_facts(repository)
        payload["installation"]["id"] = self.installation_of(repository).id
        return payload

    def signed_delivery(
        self, event: str, payload: Json, *, delivery_id: str | None = None, form: bool = False
    ) -> SignedDelivery:
        return signed_delivery(self.webhook_secret, event, payload, delivery_id=delivery_id, form=form)

    def add_review(
        self, repository: Repository, number: int, *, login: str, body: str, state: str = "COMMENTED"
    ) -> Json:
        """A person reviews, with whatever *body*: the payload of `pull_request_review` `submitted`."""
        pull_request = self.pull_requests[repository.full_name, number]
        review = self.review_facts(pull_request, pull_request.head_sha, body, login) | {"state": state}
        pull_request.reviews.append(review)
        payload = json.loads(json.dumps(example("pull_request_review", "submitted")))
        payload["pull_request"] |= self.pull_request_facts(pull_request)
        return self._from_here(payload, repository, login)

    def set_status(self, repository: Repository, sha: str, context: str, state: str) -> Json:
        """Somebody's own check of a commit: the payload of `status`."""
        self.statuses.setdefault(sha, {})[context] = state
        payload = json.loads(json.dumps(next(sent.payload for sent in examples() if sent.event == "status")))
        payload |= {"sha": sha, "context": context, "state": state}
        payload.setdefault("installation", {})
        return self._from_here(payload, repository, "ada")

    def say(self, repository: Repository, number: int, *, login: str, body: str) -> Json:
        """Somebody comments on the pull request as a whole: the comment."""
        comment = self.issue_comment_facts(self.pull_requests[repository.full_name, number], login, body)
        self.pull_requests[repository.full_name, number].conversation.append(comment)
        return comment

    def interrupt(self, interruption: Interruption) -> Interruption:
        """Let it go wrong; several for one operation happen in turn."""
        self.interruptions.append(interruption)
        return interruption

    def expire_tokens(self) -> None:
        """Every token given out so far is refused from now on."""
        self.tokens.clear()

    # What the test wants to see.

    def comments(self, repository: Repository, number: int) -> list[Json]:
        """On lines of a pull request, in the order in which they were made."""
        return self.pull_requests[repository.full_name, number].comments

    def conversation(self, repository: Repository, number: int, *, login: str = APP_LOGIN) -> list[Json]:
        """Comments on a pull request as a whole, as the App (or somebody else) left them."""
        said = self.pull_requests[repository.full_name, number].conversation
        return [comment for comment in said if comment["user"]["login"] == login]

    def thumb(self, repository: Repository, number: int, comment_id: int, content: str, *, login: str) -> None:
        """Somebody reacts to a comment on a line, with `+1` or `-1`."""
        reaction = self.contract.example("reaction") | {"content": content, "user": self.user(login)}
        self.thumbs.setdefault(comment_id, []).append(reaction)
        self._count_thumbs(repository, number, comment_id)

    def take_thumbs_back(self, repository: Repository, number: int, comment_id: int) -> None:
        self.thumbs.pop(comment_id)
        self._count_thumbs(repository, number, comment_id)

    def _count_thumbs(self, repository: Repository, number: int, comment_id: int) -> None:
        given = [reaction["content"] for reaction in self.thumbs.get(comment_id, [])]
        kinds = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
        counts: Json = {kind: given.count(kind) for kind in kinds}
        for comment in self.pull_requests[repository.full_name, number].comments:
            if comment["id"] == comment_id:
                comment["reactions"] = counts | {"url": f"{comment['url']}/reactions", "total_count": len(given)}

    def resolve_thread(self, repository: Repository, number: int, comment_id: int, *, login: str) -> None:
        """A person resolves the thread that the comment began."""
        self.pull_requests[repository.full_name, number].resolved[comment_id] = login

    def resolved(self, repository: Repository, number: int) -> set[int]:
        """The comments whose threads are resolved."""
        return set(self.pull_requests[repository.full_name, number].resolved)

    def delete_comment(self, repository: Repository, number: int, comment_id: int) -> None:
        """Somebody who may deletes a comment on the pull request as a whole."""
        pull_request = self.pull_requests[repository.full_name, number]
        pull_request.conversation = [said for said in pull_request.conversation if said["id"] != comment_id]

    def reviews(self, repository: Repository, number: int, *, login: str = APP_LOGIN) -> list[Json]:
        """Reviews as the App (or somebody else) left them, each with its `comments`."""
        pull_request = self.pull_requests[repository.full_name, number]
        return [
            review | {"comments": [c for c in pull_request.comments if c["pull_request_review_id"] == review["id"]]}
            for review in pull_request.reviews
            if review["user"]["login"] == login
        ]

    def check_runs(self, repository: Repository, sha: str | None = None) -> list[Json]:
        """Check runs of the repository, each with its `annotations`."""
        return [
            run | {"annotations": list(run["output"]["annotations"])}
            for run in self.runs
            if run["repository"] == repository.full_name and sha in (None, run["head_sha"])
        ]
