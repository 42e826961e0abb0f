"""Do in a review thread what a person at an editor wants: reply, resolve, open again, settle what was decided.

A reply is posted once: the ledger remembers, and its marker is looked for. Of the others, how the thread is now is read
first, and saying it twice changes nothing. Who asks is known by the name of a key: the reply says so, for GitHub names
the App.
"""

from http import HTTPStatus
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.app import GitHubApp
from server.effects.comments import Comments, Place
from server.effects.github import GitHub
from server.effects.ledger import Ledger
from server.effects.open_pull_requests import open_pull_requests_for
from server.effects.threads import RESOLVE, UNRESOLVE
from server.reviews.markdown import ZERO_WIDTH_SPACE, plain
from server.reviews.open_pull_request import Acted, OpenPullRequest, ReviewThread, ThreadAct, Verb

GONE = "the pull request is not open any more"
NO_SUCH_THREAD = "the thread is gone"


class _Said(msgspec.Struct, frozen=True):
    url: str


async def act_in_threads(app: GitHubApp, ledger: Ledger, act: ThreadAct, *, job_id: UUID) -> Acted:
    """What GitHub refuses is told, never claimed to be done."""
    reading = await open_pull_requests_for(app, act)
    before = await reading.by_number(act.number)
    if before is None or before.number != act.number:
        return Acted(False, GONE)
    thread = before.thread(act.thread_id)
    if act.verb is not Verb.SETTLE and (thread is None or not thread.comments):
        return Acted(False, NO_SUCH_THREAD, before)
    try:
        if act.verb is Verb.REPLY and thread is not None:
            await _reply(app, ledger, act, thread, job_id=job_id)
        else:
            await _change(reading.github, act, before)
    except GitHubRefused as refused:
        return Acted(False, _why(act, refused), before)
    return Acted(True, pull_request=await reading.by_number(act.number))


async def _change(github: GitHub, act: ThreadAct, pull_request: OpenPullRequest) -> None:
    mutation = RESOLVE if _is_resolving(act) else UNRESOLVE
    for thread in _to_change(act, pull_request):
        await github.graphql(mutation, {"thread": thread.id}, dict)


def _is_resolving(act: ThreadAct) -> bool:
    return act.is_dismissed if act.verb is Verb.SETTLE else act.verb is Verb.RESOLVE


def _to_change(act: ThreadAct, pull_request: OpenPullRequest) -> list[ReviewThread]:
    """Those that are meant and are not yet as they are wanted."""
    if act.verb is Verb.SETTLE:
        meant = [thread for thread in pull_request.threads if thread.fingerprint == act.fingerprint]
    else:
        meant = [thread for thread in pull_request.threads if thread.id == act.thread_id]
    return [thread for thread in meant if thread.is_resolved != _is_resolving(act)]


async def _reply(app: GitHubApp, ledger: Ledger, act: ThreadAct, thread: ReviewThread, *, job_id: UUID) -> None:
    owner, _, name = act.repository.partition("/")
    installation_id = act.installation_id or await app.installation_id(owner, name)
    begun_by = thread.comments[0].id
    comments = Comments(app, installation_id, owner, name, Place(act.number, begun_by, begun_by))
    login, marker = await app.login(), f"<!-- hive:said {job_id} -->"

    async def find() -> _Said | None:
        for said in await comments.said():
            if said.login == login and said.body.startswith(marker):
                return _Said(said.html_url)
        return None

    async def say() -> _Said:
        said = act.body.replace("<!--", f"<{ZERO_WIDTH_SPACE}!--")  # no marker of ours can be forged
        body = f"{marker}\n**{plain(act.who, limit=100)}**, in an editor:\n\n{said}"
        return _Said((await comments.answer(body)).html_url)

    await ledger.once(f"reply of job {job_id}", _Said, job_id=job_id, find=find, act=say)


def _why(act: ThreadAct, refused: GitHubRefused) -> str:
    if act.verb is not Verb.REPLY and refused.status == HTTPStatus.FORBIDDEN:
        return "GitHub did not let the App change the thread: it needs the permission contents: write"
    return f"{refused} ({refused.hint})" if refused.hint else str(refused)
