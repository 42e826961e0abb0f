"""`hive down`: stop the hub that runs in the background."""

import os

import click

from server.data_directory import default_data_directory
from server.launch import stop_hub


@click.command(epilog="Exit codes: 0 none runs now, 3 it did not stop.")
def down() -> None:
    """Stop the hub of this data directory. Its data stays, and work goes on with the next start."""
    data_dir = default_data_directory(os.environ)
    stopped = stop_hub(data_dir)
    click.echo(f"stopped the hub in {data_dir}" if stopped else f"no hub runs on {data_dir}")
