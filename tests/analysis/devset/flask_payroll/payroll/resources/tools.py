import csv
import io
import json
import os
import pickle
import urllib.request
from base64 import b64decode

from flask import redirect, render_template_string, request
from flask_restx import Namespace, Resource
from lxml import etree

from ..models import Employee
from .auth import role_required

ns = Namespace("tools")
MACROS = {"total": lambda rows: sum(rows), "count": len}


@ns.route("/bank")
class Bank(Resource):
    @role_required("hr")
    def get(self):
        with urllib.request.urlopen("https://bank.example/rates?currency=" + request.args["currency"]) as answer:
            return json.load(answer)

    @role_required("hr")
    def post(self):
        with urllib.request.urlopen(request.json["address"]) as answer:
            return {"size": len(answer.read())}


@ns.route("/import")
class Import(Resource):
    @role_required("hr")
    def post(self):
        kind = request.args.get("kind")
        data = request.get_data()
        match kind:
            case "xml":
                parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
                return {"rows": len(etree.fromstring(data, parser))}
            case "state":
                return {"rows": len(pickle.loads(b64decode(data)))}
            case "csv":
                return {"rows": len(list(csv.reader(io.StringIO(data.decode()))))}
        ns.abort(400)


@ns.route("/mail")
class Mail(Resource):
    @role_required("hr")
    def post(self):
        text = request.json["text"]
        employee = Employee.query.first()
        return {"text": render_template_string(text, employee=employee)}


@ns.route("/macro/<name>")
class Macro(Resource):
    @role_required("hr")
    def post(self, name):
        if name in MACROS:
            return {"result": MACROS[name](request.json)}
        scope = {"rows": request.json}
        exec("result = " + request.args["code"], scope)
        return {"result": scope["result"]}


@ns.route("/environment")
class Environment(Resource):
    def get(self):
        return dict(os.environ)


@ns.route("/go")
class Go(Resource):
    def get(self):
        return redirect(request.args.get("to", "/"))
