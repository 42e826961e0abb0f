import asyncio
import marshal
import os
import shlex

BOTS = "/opt/bots"


async def run(name, args):
    process = await asyncio.create_subprocess_shell(f"{BOTS}/{name} {args}", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


async def run_quoted(args):
    process = await asyncio.create_subprocess_shell(f"{BOTS}/echo {shlex.quote(args)}", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


def restore(data):
    return marshal.loads(data)
