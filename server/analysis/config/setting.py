"""One setting of a file, whatever its format."""

from typing import NamedTuple


class Setting(NamedTuple):
    """*name* in lower case, with the section before it where there is one: `server.debug`."""

    name: str
    value: str
    line: int
