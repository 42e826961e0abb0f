"""What the hub hands to the effects process, over a pipe."""

import msgspec


class EffectsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two credentials are plain text here, because they must get across; the repr shows neither.

    *app_id* None: no GitHub App is configured, and every job says so. *thinks*: a model will read the snapshots, too.
    """

    database_url: str
    api_url: str
    app_id: int | None = None
    private_key: str = ""
    thinks: bool = False

    def __repr__(self) -> str:
        return f"EffectsSettings(api_url={self.api_url!r}, app_id={self.app_id})"
