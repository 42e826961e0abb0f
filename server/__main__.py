"""The `hive` command.

`hive lsp` starts with every editor, so it goes on from here before anything else is imported.
"""

import sys


def main() -> None:
    if sys.argv[1:2] == ["lsp"]:
        from lsp.forwarder import main as forward

        sys.exit(forward(sys.argv[2:]))
    from server.cli import main as run_command

    run_command()


if __name__ == "__main__":
    main()
