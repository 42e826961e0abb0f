"""`hive up`: start the hub, say where its doors are, show the main job once, and run until told to stop."""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from server.cli.output import stdout_console
from server.config import Settings
from server.observability.logs import configure_logs
from server.reviews.project import identify_project
from server.settling import settle

if TYPE_CHECKING:
    from server.hub import Hub


@click.command(epilog="Settings come from the environment and from hive.toml in the data directory; see the README.")
@click.option("--quiet", is_flag=True, help="Print nothing but logs: for services, and for a start in the background.")
@click.option("--no-review", is_flag=True, help="Do not review the last commit of the repository around here.")
def up(quiet: bool, no_review: bool) -> int:
    """Start the hub: its doors, the orchestrator, an agent, and where no URLs are set its own Postgres and Redis."""
    settings = Settings.load(os.environ)
    level = "info" if quiet else "warning"
    configure_logs(settings.log, level=level)
    return asyncio.run(_run(settings, level, quiet=quiet, review=not no_review and not quiet))


async def _run(settings: Settings, log_level: str, *, quiet: bool, review: bool) -> int:
    console = stdout_console()
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, task.cancel)
    if not quiet:
        console.print(Text(f"Starting the hub in {settings.data_dir} …", style="dim"))
    from server.hub import run_hub  # here: it loads for a second, and nobody should wonder whether anything happens

    try:
        async with run_hub(settings, log_level=log_level, admin_key_is_seen=not quiet) as hub:
            await asyncio.to_thread(settle)
            if not quiet:
                _welcome(console, hub, settings)
            if review:
                await _review_last_commit(console, settings)
            await hub.failed
    except asyncio.CancelledError:
        if not quiet:
            console.print(Text("Stopped. The data stays; the next start goes on with it.", style="dim"))
    return 0


def _welcome(console: Console, hub: "Hub", settings: Settings) -> None:
    hive = _command()
    http = f"http://{hub.http}"
    rows = [
        ("Status page", f"{http}/"),
        ("API", f"{http}/api/v1"),
        ("Editors (LSP)", f"{hub.lsp}, or `{hive} lsp` on stdio"),
        (
            "GitHub webhook",
            f"{http}/webhooks/github" + ("" if settings.github_webhook_secrets else "  (no secret set)"),
        ),
    ]
    console.print(Text("Agent Hive is ready.", style="bold green"))
    for name, where in rows:
        console.print(Text.assemble((f"  {name:<15}", "bold"), where), soft_wrap=True)
    if hub.admin_key is not None:
        console.print(Text.assemble(("  Admin API key  ", "bold"), hub.admin_key), soft_wrap=True)
        console.print(
            Text(f"                 shown this once: keep it. Make others with `{hive} keys create`.", style="dim"),
            soft_wrap=True,
        )
    console.print(Text(f"Next: `{hive} review` in a repository, or install the VS Code extension."), soft_wrap=True)
    console.print(Text("Ctrl-C stops the hub.\n"))


def _command() -> str:
    """What a person types here: after `make run` the command is in the environment that make built, not on the PATH."""
    return "hive" if shutil.which("hive") else str(Path(sys.executable).with_name("hive"))


async def _review_last_commit(console: Console, settings: Settings) -> None:
    """The main job, on real input, by the same command that a person would give."""
    project = identify_project(Path.cwd())
    if not project.is_repository:
        return
    console.print(Text("$ hive review --head HEAD", style="bold"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "server", "review", "--head", "HEAD", "--fail-on", "never",
        env={**os.environ, "HIVE_DATA": str(settings.data_dir)},
        start_new_session=True,
    )  # fmt: skip
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
