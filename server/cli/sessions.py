"""`hive sessions`: whose work was when, and what came of it."""

import os
from datetime import datetime

import click
import msgspec

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, render_fields, state_text, stdout_console


class Session(msgspec.Struct, frozen=True):
    """As the API shows it."""

    id: str
    owner: str
    project: str
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None


@click.command()
@click.argument("session_id", metavar="[ID]", required=False)
@click.option("--kind", type=click.Choice(["person", "agent"]), help="Only of people, or of agents.")
@click.option("--owner", help="Only of this person or agent.")
@click.option("--project", help="Only of this project.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def sessions(
    session_id: str | None, kind: str | None, owner: str | None, project: str | None, limit: int, is_json: bool
) -> None:
    """Whose work was when, the last seen first; with an ID, one session with its jobs."""
    client = _client()
    if session_id is not None:
        _show_session(client, session_id, is_json)
        return
    page = client.get(address("sessions"), kind=kind, owner=owner, project=project, limit=limit)
    if is_json:
        print_json(page["sessions"])
    elif page["sessions"]:
        table = a_table("id", "who", "project", "began", "last seen")
        for session in msgspec.convert(page["sessions"], list[Session]):
            seen = ago(session.last_seen_at) + ("" if session.ended_at is None else ", ended")
            table.add_row(
                plain(session.id), plain(session.owner), plain(session.project), ago(session.started_at), seen
            )
        stdout_console().print(table)
    else:
        click.echo("no sessions")


def _show_session(client: HubClient, session_id: str, is_json: bool) -> None:
    answer = client.get(address("sessions", session_id))
    if is_json:
        print_json(answer)
        return
    session = msgspec.convert(answer["session"], Session)
    console = stdout_console()
    counted = {name: ", ".join(f"{n:,} {what}" for what, n in answer[name].items()) for name in ("totals", "findings")}
    render_fields(
        console,
        [
            ("id", session.id),
            ("who", session.owner),
            ("project", session.project),
            ("began", ago(session.started_at)),
            ("last seen", ago(session.last_seen_at)),
            ("happened", counted["totals"]),
            ("findings", counted["findings"]),
        ],
    )
    if answer["jobs"]:
        table = a_table("id", "state", "kind", "project")
        for job in answer["jobs"]:
            table.add_row(plain(job["id"]), state_text(job["state"]), plain(job["kind"]), plain(job["project"]))
        console.print()
        console.print(table)


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
