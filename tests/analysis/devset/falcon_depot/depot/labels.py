import html
import os
import pickle
import shlex
import subprocess

import falcon
import yaml

TEMPLATE = "<html><body><h1>{title}</h1>{body}</body></html>"


class Labels:
    def __init__(self, folder):
        self.folder = folder

    def _path(self, name, suffix=".txt"):
        return os.path.join(self.folder, name + suffix)

    def on_get(self, req, resp, name):
        try:
            with open(self._path(name)) as label:
                text = label.read()
        except FileNotFoundError:
            raise falcon.HTTPNotFound from None
        resp.content_type = falcon.MEDIA_HTML
        title = req.get_param("title") or name
        resp.text = TEMPLATE.format(title=title, body=html.escape(text))

    def on_put(self, req, resp, name):
        if not name.isalnum():
            raise falcon.HTTPBadRequest
        with open(self._path(name), "w") as label:
            label.write(req.bounded_stream.read().decode())

    def on_post(self, req, resp, name):
        printer = req.get_param("printer", default="front")
        command = f"lp -d {printer} {shlex.quote(self._path(name))}"
        status = subprocess.call(command, shell=True)
        resp.media = {"status": status}

    def on_delete(self, req, resp, name):
        target = os.path.realpath(self._path(name))
        if not target.startswith(os.path.realpath(self.folder) + os.sep):
            raise falcon.HTTPForbidden
        os.remove(target)

    def on_post_all(self, req, resp):
        kind = req.content_type
        if kind == "application/x-yaml":
            labels = yaml.load(req.bounded_stream.read(), Loader=yaml.UnsafeLoader)
        elif kind == "application/x-pickle":
            labels = pickle.load(req.bounded_stream)
        else:
            labels = yaml.safe_load(req.bounded_stream.read())
        resp.media = {"count": len(labels)}
