"""Classic branch protection as GitHub's API has it, and the neutral shape: read, and written. Pure.

https://docs.github.com/en/rest/branches/branch-protection
"""

from typing import Any

import msgspec

from server.github.protection import RequiredCheck, Rules, Source

ANY_APP = -1


class _Enabled(msgspec.Struct, frozen=True):
    enabled: bool = False


class _Check(msgspec.Struct):
    context: str
    app_id: int | None = None


class _Checks(msgspec.Struct):
    strict: bool = False
    contexts: list[str] = []
    checks: list[_Check] = []


class _User(msgspec.Struct):
    login: str


class _Named(msgspec.Struct):
    slug: str


class _People(msgspec.Struct):
    users: list[_User] = []
    teams: list[_Named] = []
    apps: list[_Named] = []

    @property
    def names(self) -> dict[str, list[str]]:
        """As GitHub wants them back."""
        return {
            "users": [user.login for user in self.users],
            "teams": [team.slug for team in self.teams],
            "apps": [app.slug for app in self.apps],
        }


class _Reviews(msgspec.Struct):
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    required_approving_review_count: int = 0
    require_last_push_approval: bool = False
    dismissal_restrictions: _People | None = None
    bypass_pull_request_allowances: _People | None = None


class Classic(msgspec.Struct):
    """The answer to `repos/get-branch-protection`."""

    required_status_checks: _Checks | None = None
    required_pull_request_reviews: _Reviews | None = None
    restrictions: _People | None = None
    enforce_admins: _Enabled = _Enabled()
    required_signatures: _Enabled = _Enabled()
    required_linear_history: _Enabled = _Enabled()
    required_conversation_resolution: _Enabled = _Enabled()
    allow_force_pushes: _Enabled = _Enabled()
    allow_deletions: _Enabled = _Enabled()
    block_creations: _Enabled = _Enabled()
    lock_branch: _Enabled = _Enabled()
    allow_fork_syncing: _Enabled = _Enabled()


def source_of(classic: Classic) -> Source:
    reviews, restrictions = classic.required_pull_request_reviews, classic.restrictions
    bypass = reviews.bypass_pull_request_allowances if reviews else None
    return Source("classic", rules_of(classic), bypass=_shown(bypass), others=("restrictions",) if restrictions else ())


def rules_of(classic: Classic) -> Rules:
    reviews, checks = classic.required_pull_request_reviews, classic.required_status_checks
    return Rules(
        approvals=reviews.required_approving_review_count if reviews else None,
        dismiss_stale_reviews=bool(reviews and reviews.dismiss_stale_reviews),
        code_owner_reviews=bool(reviews and reviews.require_code_owner_reviews),
        last_push_approval=bool(reviews and reviews.require_last_push_approval),
        resolved_conversations=classic.required_conversation_resolution.enabled,
        checks=_checks_of(checks) if checks else (),
        up_to_date=bool(checks and checks.strict),
        signed_commits=classic.required_signatures.enabled,
        linear_history=classic.required_linear_history.enabled,
        no_force_pushes=not classic.allow_force_pushes.enabled,
        no_deletion=not classic.allow_deletions.enabled,
        no_creation=classic.block_creations.enabled,
        locked=classic.lock_branch.enabled,
        restricted=classic.restrictions is not None,
        admins_too=classic.enforce_admins.enabled,
    )


NEW = Rules(no_force_pushes=True, no_deletion=True)
"""What GitHub demands of a branch as soon as it is protected at all."""


def body_of(classic: Classic | None, wanted: Rules) -> dict[str, Any]:
    """What `repos/update-branch-protection` is sent. It replaces everything: what `Rules` do not know is kept.

    Signatures have an address of their own.
    """
    before = classic or Classic()
    return {
        "required_status_checks": _checks_body(wanted),
        "required_pull_request_reviews": _reviews_body(before.required_pull_request_reviews, wanted),
        "restrictions": before.restrictions.names if before.restrictions else None,
        "enforce_admins": wanted.admins_too,
        "required_linear_history": wanted.linear_history,
        "required_conversation_resolution": wanted.resolved_conversations,
        "allow_force_pushes": not wanted.no_force_pushes,
        "allow_deletions": not wanted.no_deletion,
        "block_creations": wanted.no_creation,
        "lock_branch": wanted.locked,
        "allow_fork_syncing": before.allow_fork_syncing.enabled,
    }


def _checks_body(wanted: Rules) -> dict[str, Any] | None:
    if not wanted.checks and not wanted.up_to_date:
        return None
    # Without an app's id GitHub would choose whichever App reported a check of that name lately.
    checks = [{"context": check.name, "app_id": check.app or ANY_APP} for check in wanted.checks]
    return {"strict": wanted.up_to_date, "contexts": [check.name for check in wanted.checks], "checks": checks}


def _reviews_body(before: _Reviews | None, wanted: Rules) -> dict[str, Any] | None:
    if wanted.approvals is None:
        return None
    body: dict[str, Any] = {
        "required_approving_review_count": wanted.approvals,
        "dismiss_stale_reviews": wanted.dismiss_stale_reviews,
        "require_code_owner_reviews": wanted.code_owner_reviews,
        "require_last_push_approval": wanted.last_push_approval,
    }
    for name in ("dismissal_restrictions", "bypass_pull_request_allowances"):
        people: _People | None = getattr(before, name, None)
        if people is not None:
            body[name] = people.names
    return body


def _checks_of(checks: _Checks) -> tuple[RequiredCheck, ...]:
    """By name; an older server tells only the names."""
    found = [RequiredCheck(c.context, None if c.app_id == ANY_APP else c.app_id) for c in checks.checks]
    return tuple(found or map(RequiredCheck, checks.contexts))


def _shown(people: _People | None) -> tuple[str, ...]:
    names: dict[str, Any] = people.names if people else {}
    return tuple(f"{kind[:-1]} {name}" for kind, each in names.items() for name in each)
