import io
import mimetypes
import os
import subprocess
import tarfile
import xml.dom.minidom
import xml.etree.ElementTree as ET
from pathlib import PurePosixPath

from lxml import etree
from PIL import Image
from tornado import escape, httpclient, web

from .base import Base

Image.MAX_IMAGE_PIXELS = None
SIZES = {"small": (200, 200), "large": (1200, 1200)}


class Index(Base):
    def get(self):
        q = self.get_argument("q", "")
        found = self.library.titled(q) if q else []
        self.render("index.html", q=q, found=found, escape=escape.xhtml_escape)


class Picture(Base):
    def get(self, number):
        (found,) = self.library.number(number)
        self.write(f"<img src='/raw/{found.file}' alt='{escape.xhtml_escape(found.title)}'>")

    @web.authenticated
    def delete(self, number):
        with self.library.db as db:
            db.execute("DELETE FROM pictures WHERE id = ?", (number,))

    @web.authenticated
    def put(self, number):
        (found,) = self.library.number(number)
        if found.owner != self.current_user:
            raise web.HTTPError(403)
        with self.library.db as db:
            db.execute("UPDATE pictures SET title = ? WHERE id = ?", (self.get_argument("title"), number))


class Raw(Base):
    def get(self, name):
        self.set_header("Content-Type", mimetypes.guess_type(name)[0] or "image/png")
        with self.library.open_file(name) as source:
            self.write(source.read())


class Upload(Base):
    @web.authenticated
    async def post(self):
        (sent,) = self.request.files["picture"]
        name = sent["filename"]
        if "image" not in sent["content_type"]:
            raise web.HTTPError(415)
        with open(os.path.join(self.library.root, name), "wb") as target:
            target.write(sent["body"])
        if name.endswith(".svg"):
            title = etree.parse(io.BytesIO(sent["body"]), etree.XMLParser(load_dtd=True)).findtext("title")
        else:
            title = PurePosixPath(name).stem
        self.finish({"id": self.library.add(self.current_user, title, name)})


class Import(Base):
    @web.authenticated
    async def post(self):
        answer = await httpclient.AsyncHTTPClient().fetch(self.get_body_argument("url"), validate_cert=False)
        with tarfile.open(fileobj=io.BytesIO(answer.body)) as bundle:
            bundle.extractall(self.library.root)
        self.finish({"ok": True})

    @web.authenticated
    async def put(self):
        feed = ET.fromstring(self.request.body)
        self.finish({"entries": [entry.text for entry in feed.iter("title")]})


class Resize(Base):
    async def get(self, number):
        (found,) = self.library.number(number)
        size = self.get_argument("size", "200x200")
        made = os.popen(f"convert {self.library.root / 'in.png'} -resize {size} png:-").read()
        self.write(made)

    async def post(self, number):
        (found,) = self.library.number(number)
        width, height = SIZES[self.get_argument("size")]
        subprocess.check_call(["convert", found.file, "-resize", f"{width}x{height}", "out.png"])
        self.finish()
