"""Whether the doors' addresses are free, asked before anything is started."""

import asyncio
import errno
import os
from collections.abc import Mapping

from server.config import Address, Settings
from server.errors import HiveError


class PortTaken(HiveError):
    """Somebody else listens where a door should be."""


async def refuse_taken_ports(settings: Settings) -> None:
    """The doors open last: without a look at first a taken port would cost a whole start, and the other one another."""
    taken: dict[str, tuple[Address, OSError]] = {}
    doors = {"HIVE_HTTP": settings.http, "HIVE_LSP": settings.lsp} | (
        {"HIVE_HTTPS": settings.https} if settings.https else {}
    )
    for setting, address in doors.items():
        try:
            probe = await asyncio.get_running_loop().create_server(
                asyncio.Protocol, address.host, address.port, start_serving=False
            )
        except OSError as error:
            taken[setting] = (address, error)
        else:
            probe.close()
    if taken:
        raise port_taken(taken)


def port_taken(taken: Mapping[str, tuple[Address, OSError]]) -> PortTaken:
    """*taken*: by the name of its setting each address that cannot be listened on, and why."""
    reasons = (f"{address}: {_reason(error)}" for address, error in taken.values())
    free = "a free address" if len(taken) == 1 else "free addresses"
    return PortTaken(
        f"cannot listen on {', nor on '.join(reasons)}",
        hint=f"stop what listens there, or set {' and '.join(taken)} to {free} of this machine",
    )


def _reason(error: OSError) -> str:
    code = error.errno or 0
    return os.strerror(code) if code in errno.errorcode else error.strerror or str(error)  # asyncio's says it twice
