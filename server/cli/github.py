"""`hive github`: feed saved deliveries to a hub, as GitHub would."""

import os
from pathlib import Path

import click

from server.cli.client import named_or_running_hub
from server.cli.output import plain, print_json
from server.cli.saved_deliveries import Sender, files_of, send_all
from server.config import Settings
from server.errors import ConfigurationInvalid

EXIT_REFUSED = 1


@click.group()
def github() -> None:
    """GitHub's deliveries."""


@github.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def replay(path: Path, is_json: bool) -> int:
    """Send the delivery saved in the file PATH, or all in that folder, through the hub's own door.

    Signed with this machine's GITHUB_WEBHOOK_SECRET, without which no hub takes it. What the hub knows already is
    counted, and nothing is done for it again. Exit 1 when it refused one.
    """
    secrets = Settings.load(os.environ).github_webhook_secrets
    if not secrets:
        raise ConfigurationInvalid(
            "GITHUB_WEBHOOK_SECRET is not set here, so that no delivery can be signed",
            hint="set it to the secret of the hub that is to take them",
        )
    sender = Sender(named_or_running_hub(os.environ).url, secrets[0].reveal())
    sent, is_refused = [], False
    for file, delivery, answer in send_all(files_of(path), sender):
        sent.append({"file": str(file), "delivery": delivery.guid, "event": delivery.event, "answer": answer})
        if not is_json:
            came = f"job {answer.job}" if answer.job else answer.note or "taken"
            click.echo(plain(f"{answer.status} {delivery.event} {file}: {came}"))
        is_refused |= answer.status >= 400
    if is_json:
        print_json(sent)
    return EXIT_REFUSED if is_refused else 0
