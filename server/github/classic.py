"""Classic branch protection as GitHub's API shows it, read into the neutral shape. Pure.

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


def _checks_of(checks: _Checks) -> tuple[RequiredCheck, ...]:
    """By name; an older server tells only the names."""
    found = [RequiredCheck(c.context, None if c.app_id == ANY_APP else c.app_id) for c in checks.checks]
    return tuple(found or map(RequiredCheck, checks.contexts))


def _shown(people: _People | None) -> tuple[str, ...]:
    names: dict[str, Any] = people.names if people else {}
    return tuple(f"{kind[:-1]} {name}" for kind, each in names.items() for name in each)
