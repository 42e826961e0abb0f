import io
import os
import tempfile
import zipfile

import paramiko
import requests
from flask import Flask, Response, abort, jsonify, request
from lxml import etree

from . import crypto, parsing, saml, settings
from .store import run_query

app = Flask(__name__)
app.secret_key = os.environ["SESSION_KEY"]
app.register_blueprint(saml.bp)


@app.post("/orders")
def orders():
    tree = parsing.parse_lxml(request.get_data())
    number = tree.findtext("number")
    run_query("INSERT INTO orders (number) VALUES ('" + number + "') RETURNING id")
    return jsonify(ok=True)


@app.post("/orders/xpath")
def orders_xpath():
    tree = etree.parse("/srv/edi/partners.xml")
    hits = tree.xpath("//partner[name='%s' and key='%s']" % (request.form["name"], request.form["key"]))
    if not hits:
        abort(403)
    return jsonify(id=hits[0].get("id"))


@app.post("/orders/xpath2")
def orders_xpath_bound():
    tree = etree.parse("/srv/edi/partners.xml")
    hits = tree.xpath("//partner[name=$name]", name=request.form["name"])
    return jsonify(found=len(hits))


@app.post("/invoices")
def invoices():
    data = parsing.parse_std(request.get_data())
    return jsonify(total=data.findtext("total"))


@app.post("/transform")
def transform():
    return Response(parsing.transform(request.files["doc"].read(), request.files["sheet"].read()), mimetype="text/xml")


@app.post("/fetch-schema")
def fetch_schema():
    tree = parsing.parse_hardened(request.get_data())
    location = tree.get("schemaLocation")
    schema = requests.get(location, timeout=5)
    etree.XMLSchema(etree.fromstring(schema.content))
    return jsonify(ok=True)


@app.post("/batch")
def batch():
    box = zipfile.ZipFile(io.BytesIO(request.get_data()))
    box.extractall(settings.ARCHIVE)
    total = 0
    for info in box.infolist():
        total += len(box.read(info))
    return jsonify(total=total)


@app.post("/build")
def build():
    note = request.form["note"]
    body = "<order><note>" + note + "</note><approved>false</approved></order>"
    requests.post("https://partner.example/in", data=body, timeout=10)
    return jsonify(ok=True)


@app.post("/send")
def send():
    ssh = paramiko.SSHClient()
    ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    ssh.connect(settings.SFTP["host"], username=settings.SFTP["user"], password=settings.SFTP["password"])
    name = request.form["name"]
    ssh.exec_command("mv /in/%s /done/" % name)
    return jsonify(ok=True)


@app.get("/archive/<path:name>")
def archive(name):
    full = os.path.abspath(os.path.join(settings.ARCHIVE, name))
    if not full.startswith(settings.ARCHIVE):
        abort(404)
    return Response(open(full, "rb").read(), mimetype="application/octet-stream")


@app.post("/decrypt")
def decrypt():
    try:
        return crypto.decrypt(request.get_data())
    except ValueError as error:
        return jsonify(error=str(error)), 400


@app.post("/tmp")
def tmp():
    path = "/tmp/edi-upload.xml"
    with open(path, "wb") as out:
        out.write(request.get_data())
    return jsonify(ok=True)
