import subprocess
import tarfile
from pathlib import Path

import click
from flask import Flask, current_app

from fleet.database import connection
from fleet.security import hasher
from fleet.tables import Users


def register(app: Flask) -> None:
    app.cli.add_command(create_admin)
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command("create-admin")
@click.argument("email")
@click.password_option()
def create_admin(email: str, password: str) -> None:
    Users.create(name="admin", email=email, password_hash=hasher.hash(password), role="admin")


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    with target.open("wb") as out:
        subprocess.run(["pg_dump", current_app.config["DATABASE"]], stdout=out, check=True)


@click.command("restore")
@click.argument("archive", type=click.Path(exists=True))
def restore(archive: str) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(current_app.config["FILES"], filter="data")
    connection().execute("ANALYZE")
