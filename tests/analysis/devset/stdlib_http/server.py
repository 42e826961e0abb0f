"""A tiny build server without dependencies."""
import argparse
import base64
import cgi
import http.server
import json
import os
import pickle
import shutil
import socketserver
import sqlite3
import subprocess
import sys
import telnetlib
import urllib.parse
import urllib.request
import xml.dom.minidom
import xml.etree.ElementTree as ET
import xmlrpc.client
from http import HTTPStatus
from http.cookies import SimpleCookie

BUILDS = os.path.abspath("builds")
USERS = {"admin": "admin123", "ci": "ci"}


class Handler(http.server.BaseHTTPRequestHandler):
    server_version = "build/1"

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/":
            self.reply(self.index())
        elif url.path == "/log":
            self.log_file(query["build"][0])
        elif url.path == "/find":
            self.find(query.get("name", [""])[0])
        elif url.path == "/status":
            self.reply(json.dumps({"builds": len(os.listdir(BUILDS))}), "application/json")
        elif url.path.startswith("/artifact/"):
            self.artifact(url.path[len("/artifact/"):])
        elif url.path == "/fetch":
            self.fetch(query["url"][0])
        elif url.path == "/go":
            self.send_response(302)
            self.send_header("Location", query["to"][0])
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if self.path == "/build":
            if not self.allowed():
                return
            self.build(json.loads(body))
        elif self.path == "/state":
            state = pickle.loads(body)
            self.reply(str(len(state)))
        elif self.path == "/xml":
            root = ET.fromstring(body)
            self.reply(root.tag)
        elif self.path == "/clean":
            shutil.rmtree(BUILDS)
            self.reply("gone")

    def allowed(self):
        header = self.headers.get("Authorization", "")
        name, _, password = base64.b64decode(header[6:]).decode().partition(":")
        if USERS.get(name) != password:
            self.send_response(HTTPStatus.UNAUTHORIZED)
            self.send_header("WWW-Authenticate", 'Basic realm="build"')
            self.end_headers()
            return False
        return True

    def index(self):
        links = "".join(f"<li>{name}</li>" for name in sorted(os.listdir(BUILDS)))
        agent = self.headers.get("User-Agent")
        return f"<html><ul>{links}</ul><p>Your browser: {agent}</p></html>"

    def log_file(self, name):
        path = os.path.join(BUILDS, name, "log.txt")
        with open(path) as log:
            self.reply(log.read(), "text/plain")

    def artifact(self, name):
        path = os.path.abspath(os.path.join(BUILDS, name))
        if not path.startswith(BUILDS + os.sep):
            self.send_error(403)
            return
        with open(path, "rb") as artifact:
            self.send_response(200)
            self.end_headers()
            shutil.copyfileobj(artifact, self.wfile)

    def find(self, name):
        db = sqlite3.connect("builds.db")
        rows = db.execute("SELECT id FROM builds WHERE name = '{0}'".format(name)).fetchall()
        self.reply(json.dumps(rows), "application/json")

    def fetch(self, url):
        with urllib.request.urlopen(url) as reply:
            self.reply(reply.read().decode())

    def build(self, job):
        branch = job.get("branch", "main")
        subprocess.run(["git", "clone", "--branch", branch, job["repository"], "work"], check=True)
        out = subprocess.getoutput("cd work && make " + job.get("target", "all"))
        self.reply(out, "text/plain")

    def reply(self, text, kind="text/html"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        cookie = SimpleCookie()
        cookie["last"] = self.path
        self.send_header("Set-Cookie", cookie.output(header=""))
        self.end_headers()
        self.wfile.write(text.encode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    with socketserver.ThreadingTCPServer(("", arguments.port), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
