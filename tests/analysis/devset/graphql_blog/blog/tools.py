import subprocess
from html.parser import HTMLParser

import requests

COMMANDS = {"df": ["df", "-h"], "uptime": ["uptime"]}


def fetch_preview(url):
    reply = requests.get(url, timeout=3)
    return reply.text[:400]


def run_backup(name):
    return subprocess.check_output(f"pg_dump blog > /backups/{name}.sql", shell=True, text=True)


def system_report(command):
    argv = COMMANDS.get(command)
    if argv is None:
        return ""
    return subprocess.check_output(argv, text=True)
