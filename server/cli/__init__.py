"""The `hive` command line: one module a command, imported only when that command runs.

So `hive --help` and every command start fast. `server/__main__.py` calls `main`; `hive lsp` does not even come here.
"""

import importlib
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

import click

from server.errors import HiveError

EXIT_INTERRUPTED = 130

COMMANDS = {
    "up": ("server.cli.up", "Start the hub."),
    "down": ("server.cli.down", "Stop the hub that runs in the background."),
    "review": ("server.cli.review", "Review changes, a commit, a folder or a file."),
    "ask": ("server.cli.ask", "Ask a model a question about the code."),
    "explain": ("server.cli.explain", "Have a model explain a finding."),
    "describe": ("server.cli.describe", "Have a model describe a change for who will review it."),
    "fix": ("server.cli.fix", "Have a model mend findings, and apply what you agree to."),
    "config": ("server.cli.config", "Check a .hive.toml, or print its schema."),
    "rules": ("server.cli.rules", "What a review speaks of: every rule, and the page of each."),
    "jobs": ("server.cli.jobs", "List, show, wait for and cancel jobs."),
    "feedback": ("server.cli.feedback", "Which rules people reject, and which they take up."),
    "usage": ("server.cli.usage", "What was asked of models, and what it cost."),
    "workflows": ("server.cli.workflows", "Jobs in steps: list, show, pause, resume, cancel, retry."),
    "events": ("server.cli.events", "What happens to jobs, as it is recorded."),
    "top": ("server.cli.top", "Watch queues, agents and failures, live."),
    "dead": ("server.cli.dead", "What failed for good: list, show, retry, discard."),
    "agents": ("server.cli.agents", "Who works here; expect, drain, resume, retire."),
    "sessions": ("server.cli.sessions", "Whose work was when, and what came of it."),
    "schedules": ("server.cli.schedules", "Recurring jobs: list, add, pause, resume, run, remove."),
    "memory": ("server.cli.memory", "What a project remembers: index, add, search, show, forget."),
    "keys": ("server.cli.keys", "Keys of the API and for messages: make, list, rotate, revoke."),
    "analytics": ("server.cli.analytics", "What a repository's history comes to: churn, hotspots, owners."),
    "devices": ("server.cli.devices", "Editors that log in here: approve, deny; log in elsewhere."),
    "github": ("server.cli.github", "The GitHub App: make it, prove it, work on GitHub as it."),
    "replay": ("server.cli.replay", "Prove that the tables are what their events say."),
    "migrate": ("server.cli.migrate", "Bring the database's schema up to date."),
    "doctor": ("server.cli.doctor", "Check every part and say how to mend it."),
}
"""By name, in the order of `hive --help`: the module, which holds a click command of that name, and what it does."""

LSP = ("lsp", "Speak LSP on stdin and stdout, for editors.")
"""Dispatched by `server/__main__.py`, which does not wait for click."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: no command is imported to be listed."""
        with formatter.section("Commands"):
            formatter.write_dl([*((name, what) for name, (_, what) in COMMANDS.items()), LSP])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="agent-hive", prog_name="hive", message="%(prog)s %(version)s")
def hive() -> None:
    """Agent Hive: one hub for AI-assisted development.

    Editors by LSP, GitHub by webhooks, programs by REST: one identity for every finding.
    """


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code: 0, or what it returned, or what its error stands for.

    2: the request was wrong. 3: there is no hub, or it failed. 130: interrupted. No `HiveError` shows a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode gets question marks, no crash
    try:
        code = hive.main(args=None if argv is None else list(argv), prog_name="hive", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        code = EXIT_INTERRUPTED
    except HiveError as error:
        from server.cli.output import exit_code_of, print_error  # here: most commands end well

        print_error(error)
        code = exit_code_of(error)
    sys.exit(code or 0)
