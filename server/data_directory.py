"""Where a hub keeps its data when nobody says otherwise.

One place for every command; imports almost nothing, because `hive lsp` starts on every editor start.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def default_data_directory(env: Mapping[str, str]) -> Path:
    """`HIVE_DATA`, else /var/lib/agent-hive for root, else the platform's user data directory. Not created here.

    Not root's home: Postgres refuses to run as root, and no other user may pass through that home.
    """
    named = env.get("HIVE_DATA", "")
    if named:
        return Path(os.path.abspath(os.path.expanduser(named)))
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/agent-hive")
    from platformdirs import user_data_path  # here: not needed where HIVE_DATA says it

    return user_data_path("agent-hive", appauthor=False)
