import argparse
import os
import shutil
import subprocess
import sys

from swarm.environment import Environment, Options
from swarm.web import create_app


def package(folder: str, target: str) -> None:
    shutil.make_archive(target, "zip", folder)
    subprocess.check_call(["docker", "build", "--tag", target, folder])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="http://localhost")
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--package")
    parser.add_argument("--editor", default=os.environ.get("EDITOR", "vi"))
    arguments = parser.parse_args()
    if arguments.package:
        package(arguments.package, "swarm")
        return 0
    environment = Environment(Options(host=arguments.host, users=arguments.users))
    app = create_app(environment, os.environ["SWARM_SECRET"])
    app.run(host="127.0.0.1", port=8089)
    return 0


if __name__ == "__main__":
    sys.exit(main())
