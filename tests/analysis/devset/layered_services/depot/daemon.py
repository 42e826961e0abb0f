import os
import socketserver
from xmlrpc.server import SimpleXMLRPCServer

import paramiko


class Commands:
    def do_show(self, name):
        with open(os.path.join("/srv/depot", name)) as file:
            return file.read()

    def do_version(self, *_):
        return "1"

    def dispatch(self, line):
        name, _, rest = line.strip().partition(" ")
        handler = getattr(self, "do_" + name, None)
        return handler(*rest.split()) if handler else "unknown"


class Lines(socketserver.StreamRequestHandler):
    commands = Commands()

    def handle(self):
        for raw in self.rfile:
            self.wfile.write(str(self.commands.dispatch(raw.decode())).encode())


class Remote:
    def run(self, host, number):
        return os.popen(f"ssh {host} uptime {int(number)}").read()

    def _inner(self, host):
        return os.popen(host).read()


class Connection:
    def __init__(self):
        self.client = paramiko.SSHClient()

    def __enter__(self):
        self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        return self


def main():
    server = SimpleXMLRPCServer(("127.0.0.1", 9000))
    server.register_instance(Remote())
    server.serve_forever()
