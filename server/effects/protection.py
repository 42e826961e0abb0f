"""What is done about a branch's protection. `branch_protection.py` speaks to GitHub."""

from server.effects.branch_protection import BranchProtection, protection_of
from server.effects.desk import Desk
from server.github.protection import BranchNamed, Protection


async def show(desk: Desk, wish: BranchNamed) -> Protection:
    github = await desk.github(BranchProtection)
    return protection_of(desk.repository, wish.branch, await github.standing(wish.branch))
