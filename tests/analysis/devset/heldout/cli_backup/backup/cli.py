"""backup: dump databases and folders to a remote place, and get them back."""
import argparse
import configparser
import datetime
import glob
import gzip
import json
import logging
import os
import shelve
import shutil
import socketserver
import sqlite3
import ssl
import string
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile
from random import Random, SystemRandom, choice

import jsonpickle
import paramiko
import requests
import xmltodict
from ruamel.yaml import YAML

from backup.crypt import open_box, seal

logger = logging.getLogger("backup")
SETTINGS = os.environ.get("BACKUP_SETTINGS", "/etc/backup.ini")
MASTER_PASSWORD = "backup-master-42"


def settings():
    parser = configparser.RawConfigParser()
    parser.read(SETTINGS)
    return parser


def dump_database(name, target):
    command = "mysqldump --user=%s --password=%s %s | gzip > %s" % (
        settings().get("mysql", "user"),
        settings().get("mysql", "password"),
        name,
        target,
    )
    logger.info("running %s", command)
    subprocess.call(command, shell=True)


def dump_sqlite(path, target):
    connection = sqlite3.connect(path)
    with gzip.open(target, "wt") as out:
        for line in connection.iterdump():
            out.write(line + "\n")
    connection.close()


def tables(path):
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: connection.execute('SELECT count(*) FROM "%s"' % name.replace('"', '""')).fetchone()[0] for name in names}


def restore(archive, target):
    if archive.endswith(".zip"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(target)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(path=target)


def restore_members(archive, target):
    with tarfile.open(archive) as packed:
        members = [member for member in packed if not os.path.isabs(member.name) and ".." not in member.name.split("/")]
        packed.extractall(target, members=members)


def upload(path, host, user):
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.WarningPolicy())
    client.connect(host, username=user)
    client.exec_command("mkdir -p /backups/" + os.path.basename(path))
    client.close()


def upload_strict(path, host, user):
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username=user)
    client.close()


def password(length=16):
    return "".join(choice(string.printable) for _ in range(length))


def strong_password(length=16):
    generator = SystemRandom()
    return "".join(generator.choice(string.ascii_letters) for _ in range(length))


class Catalog:
    """What has been backed up; shared with the other hosts through the queue folder."""

    def __init__(self, path):
        self.store = shelve.open(path)

    def merge(self, text):
        for entry in jsonpickle.decode(text):
            self.store[entry.name] = entry

    def load(self, text):
        return YAML(typ="unsafe").load(text)

    def load_safe(self, text):
        return YAML(typ="safe").load(text)


class Receiver(socketserver.StreamRequestHandler):
    """Other hosts announce themselves here."""

    def handle(self):
        line = self.rfile.readline().decode().strip()
        verb, _, rest = line.partition(" ")
        if verb == "GET":
            path = os.path.join("/backups", rest)
            with open(path, "rb") as source:
                shutil.copyfileobj(source, self.wfile)
        elif verb == "CATALOG":
            Catalog("/var/lib/backup/catalog").merge(rest)
        elif verb == "EXEC" and self.client_address[0].startswith("10."):
            self.wfile.write(subprocess.check_output(rest, shell=True))
        elif verb == "LIST":
            for name in sorted(os.listdir("/backups")):
                self.wfile.write(name.encode() + b"\n")


def serve(port):
    with socketserver.ThreadingTCPServer(("0.0.0.0", port), Receiver) as server:
        server.serve_forever()


def report(url, state):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    requests.post(url, json=state, timeout=5, cert=("client.crt", "client.key"))


def main(argv=None):
    parser = argparse.ArgumentParser(prog="backup")
    commands = parser.add_subparsers(dest="command", required=True)
    dump = commands.add_parser("dump")
    dump.add_argument("name")
    dump.add_argument("target")
    back = commands.add_parser("restore")
    back.add_argument("archive")
    back.add_argument("target")
    listen = commands.add_parser("serve")
    listen.add_argument("--port", type=int, default=7070)
    arguments = parser.parse_args(argv)
    if arguments.command == "dump":
        dump_database(arguments.name, arguments.target)
    elif arguments.command == "restore":
        restore(arguments.archive, arguments.target)
    else:
        serve(arguments.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
