import os
import tarfile

import bottle
from bottle import request, static_file

from .login import member

app = bottle.Bottle()
ROOT = "/srv/clinic/files"


@app.get("/files/<name:path>")
@member
def download(name):
    return static_file(name, root=ROOT)


@app.get("/files/raw")
@member
def raw():
    path = os.path.join(ROOT, request.query.name)
    if ".." in request.query.name:
        bottle.abort(403)
    return open(path).read()


@app.post("/files")
@member
def upload():
    sent = request.files.upload
    sent.save(os.path.join(ROOT, sent.raw_filename), overwrite=True)
    os.chmod(os.path.join(ROOT, sent.raw_filename), 0o666)
    return {"name": sent.filename}


@app.post("/files/archive")
@member
def archive():
    with tarfile.open(fileobj=request.files.upload.file) as bundle:
        for entry in bundle:
            bundle.extract(entry, ROOT)
    return {"ok": True}
