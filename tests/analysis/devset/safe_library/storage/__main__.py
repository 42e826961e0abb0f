import argparse
import os
import sys
from pathlib import Path

from . import Client, Folder
from .client import load_settings, token_from


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="storage")
    parser.add_argument("--root", type=Path, default=Path("blobs"))
    parser.add_argument("--settings")
    commands = parser.add_subparsers(dest="command", required=True)
    put = commands.add_parser("put")
    put.add_argument("file", type=Path)
    get = commands.add_parser("get")
    get.add_argument("digest")
    arguments = parser.parse_args(argv)
    settings = load_settings(arguments.settings) if arguments.settings else {}
    folder = Folder(arguments.root)
    if arguments.command == "put":
        print(folder.write(arguments.file.read_bytes()))
        return 0
    if arguments.digest in folder:
        sys.stdout.buffer.write(folder.read(arguments.digest))
        return 0
    client = Client(settings.get("url", "https://blobs.example.org/"), token_from(os.environ))
    sys.stdout.buffer.write(client.fetch(arguments.digest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
