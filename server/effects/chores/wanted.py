"""Take a program's wish that a pull request be merged, as `/hive merge` takes a person's, and look at once."""

from server.chores.merging import taken_back_text
from server.chores.refs import PullChore
from server.chores.wishes import MergeWish, MergeWishes
from server.effects.chores.looking import look_at_merge
from server.effects.chores.pulls import PullGitHub
from server.effects.desk import Desk
from server.github.merging import MergeTold, MergeWanted
from server.github.operation import WishRefused

WHO = "a program, through the hub's API,"


async def merge_wanted(desk: Desk, wanted: MergeWanted) -> MergeTold:
    """Raises `WishRefused` when there is nothing to merge, or to take back."""
    assert desk.pool is not None
    wishes = MergeWishes(desk.pool)
    ref = PullChore(desk.work.project, desk.repository, wanted.number)
    if wanted.cancel:
        known = await wishes.untold(ref.project, ref.number)
        if not await wishes.end(ref.project, ref.number, taken_back_text(WHO)) and not known:
            raise WishRefused("nobody wants this pull request to be merged, so there is nothing to take back")
    else:
        await _ask(desk, wishes, wanted)
    looked = await look_at_merge(desk.app, desk.ledger, desk.locks, desk.pool, ref, job_id=desk.work.job_id)
    waits = any(not wish.ending for wish in await wishes.untold(ref.project, ref.number))
    return MergeTold(looked.note, looked.url, waits)


async def _ask(desk: Desk, wishes: MergeWishes, wanted: MergeWanted) -> None:
    pull = await (await desk.github(PullGitHub)).pull(wanted.number)
    if pull.state != "open":
        raise WishRefused(f"the pull request is {'merged' if pull.is_merged else pull.state}")
    if wanted.sha and wanted.sha != pull.head_sha:
        raise WishRefused(f"its head is {pull.head_sha}, and not what is to be merged: look at it, then ask again")
    wish = MergeWish(desk.work.job_id, desk.work.project, desk.repository, wanted.number, pull.head_sha, WHO)
    await wishes.ask(wish)
