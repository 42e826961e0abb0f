"""deploy: build, ship, roll back. An internal tool that runs on the build host."""
import argparse
import getpass
import json
import logging
import os
import pickle
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile

import click
import fabric
import requests
import yaml

from deploy import vault

log = logging.getLogger("deploy")
STATE = os.path.expanduser("~/.deploy/state")


@click.group()
@click.option("--verbose", is_flag=True)
def cli(verbose):
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO)


@cli.command()
@click.argument("project")
@click.option("--branch", default="main")
def build(project, branch):
    subprocess.run(["git", "clone", "--branch", branch, "--", f"git@git.example.org:{project}.git", "work"], check=True)
    os.system(f"cd work && git log -1 --format=%s {branch}")
    subprocess.check_call("make -C work %s" % shlex.quote(project), shell=True)


@cli.command()
@click.argument("path", type=click.Path(exists=True))
def ship(path):
    with open(path) as source:
        manifest = yaml.load(source, Loader=yaml.FullLoader)
    for host in manifest["hosts"]:
        token = vault.token_for(host)
        log.debug("token for %s: %s", host, token)
        connection = fabric.Connection(host, connect_kwargs={"password": getpass.getpass()})
        connection.run(f"systemctl restart {manifest['service']}")


@cli.command()
def history():
    if os.path.exists(STATE):
        with open(STATE, "rb") as source:
            for entry in pickle.load(source):
                click.echo(entry)


@cli.command()
@click.option("--url", default="http://artifacts.example.org/latest.tar.gz")
def fetch(url):
    archive = tempfile.mktemp()
    with requests.get(url, stream=True, verify=False, timeout=60) as reply, open(archive, "wb") as out:
        shutil.copyfileobj(reply.raw, out)
    shutil.unpack_archive(archive, "/srv/app", "gztar")
    os.chmod("/srv/app", stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)


@cli.command()
@click.argument("script")
def hook(script):
    namespace = {}
    exec(open(script).read(), namespace)
    namespace["run"]()


@cli.command()
@click.option("--port", default=9999)
def agent(port):
    """Waits for orders from the build server."""
    server = socket.socket()
    server.bind(("0.0.0.0", port))
    server.listen()
    while True:
        peer, _ = server.accept()
        order = peer.recv(65536)
        handle(peer, order)
        peer.close()


def handle(peer, order):
    message = json.loads(order)
    if message["do"] == "run":
        out = subprocess.run(message["command"], shell=True, capture_output=True).stdout
        peer.sendall(out)
    elif message["do"] == "state":
        peer.sendall(json.dumps(pickle.loads(bytes.fromhex(message["state"]))).encode())
    elif message["do"] == "read":
        with open(os.path.join("/srv/app", message["path"]), "rb") as source:
            peer.sendall(source.read())
    elif message["do"] == "version":
        peer.sendall(b"1.0")


if __name__ == "__main__":
    cli()
