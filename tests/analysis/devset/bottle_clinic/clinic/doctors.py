import urllib.request
import xml.sax
from xml.dom import minidom

import bottle
from bottle import request

from . import store
from .login import doctor

app = bottle.Bottle()
REGISTERS = {"north": "https://north.example/", "south": "https://south.example/"}


@app.get("/doctors")
def listed():
    return {"all": store.rows("SELECT name, subject FROM doctors")}


@app.post("/doctors/check")
@doctor
def check():
    register = REGISTERS[request.forms.register]
    with urllib.request.urlopen(register + "?name=" + request.forms.name) as answer:
        return answer.read()


@app.post("/doctors/photo")
@doctor
def photo():
    with urllib.request.urlopen(request.forms.address) as answer:
        return {"size": len(answer.read())}


@app.post("/doctors/import")
@doctor
def load():
    tree = minidom.parse(request.files.get("file").file)
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    for node in tree.getElementsByTagName("doctor"):
        store.save("doctors", name=node.getAttribute("name"), subject=node.getAttribute("subject"))
    return {"ok": True}


@app.post("/doctors/formula")
@doctor
def formula():
    names = {"count": len(store.rows("SELECT 1 FROM doctors"))}
    return {"value": eval(request.forms.formula, {"__builtins__": None}, names)}
