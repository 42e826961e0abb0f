"""`hive doctor`: every part, what is wrong with it, and how to mend it. The checks are in `server/cli/checks/`."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from server.cli.checks import Check, State, engines, failed, machine, ok, services
from server.cli.output import plain, print_json, stdout_console
from server.config import Settings
from server.data_directory import default_data_directory
from server.errors import ConfigurationInvalid, HiveError
from server.launch import Hub, running_hub

EXIT_UNWELL = 1

MARKS = {
    State.OK: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.FAILED: ("✗", "bold red"),
    State.SKIPPED: ("·", "dim"),
}


@click.command()
@click.option("--online", is_flag=True, help="Also ask GitHub and the model's provider whether our keys are good.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def doctor(online: bool, is_json: bool) -> int:
    """Check every part and say how to mend it. Changes nothing; a running hub is only asked.

    Exit 0 when nothing failed (warnings are no failure), 1 when something did.
    """
    checks = asyncio.run(_examine(online))
    is_well = not any(check.state is State.FAILED for check in checks)
    if is_json:
        print_json({"well": is_well, "checks": checks})
    else:
        render(stdout_console(), checks)
    return 0 if is_well else EXIT_UNWELL


async def _examine(online: bool) -> list[Check]:
    data_dir = default_data_directory(os.environ)
    checks = [machine.python(), machine.data_directory(data_dir)]
    hub, hub_check = await _hub()
    more: Sequence[Path] = ()
    try:
        settings = Settings.load(os.environ)
    except ConfigurationInvalid as error:
        checks.append(failed("settings", error))
    else:
        checks.append(ok("settings", _named(settings)))
        more = settings.sandbox_paths
        checks += [machine.keys(settings.keys), *machine.ports(settings, hub)]
        checks += await engines.engines(settings)
        checks += await services.github(settings, online=online)
        checks.append(await services.model(settings, online=online))
        checks += await services.embedder(settings, online=online)
    return [*checks, machine.ruff(), machine.git(), machine.sandbox(more), hub_check]


async def _hub() -> tuple[Hub | None, Check]:
    try:
        hub = running_hub(default_data_directory(os.environ))
    except HiveError as error:
        return None, failed("hub", error)
    return hub, await services.hub(hub)


def _named(settings: Settings) -> str:
    file = settings.data_dir / "hive.toml"
    return f"from the environment and {file}" if file.exists() else "from the environment"


def render(console: Console, checks: Sequence[Check]) -> None:
    """A line each, with how to mend what is wrong, and the verdict."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, style = MARKS[check.state]
        name = check.name.ljust(width)
        lines = plain(check.detail, keep_lines=True).splitlines()
        if check.hint:
            lines.append(f"→ {plain(check.hint)}")
        indent = "\n" + " " * (width + 4)
        console.print(Text.assemble((f"{mark} ", style), (name, "bold"), "  ", indent.join(lines)), soft_wrap=True)
    console.print()
    console.print(_verdict(checks))


def _verdict(checks: Sequence[Check]) -> Text:
    counts = {state: sum(check.state is state for check in checks) for state in State}
    if counts[State.FAILED]:
        return Text(f"{counts[State.FAILED]} of {len(checks)} checks failed", style="bold red")
    warned = f", {counts[State.WARNING]} with a warning" if counts[State.WARNING] else ""
    return Text(f"All is well: {counts[State.OK] + counts[State.WARNING]} checks{warned}", style="bold green")
