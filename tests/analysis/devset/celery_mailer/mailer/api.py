import os

from flask import Flask, abort, jsonify, request

from mailer import tasks

app = Flask(__name__)
TOKEN = os.environ["MAILER_TOKEN"]


def authorized():
    return request.headers.get("X-Token") == TOKEN


@app.post("/newsletter")
def newsletter():
    if not authorized():
        abort(401)
    data = request.get_json()
    tasks.newsletter.delay(data["name"], data["user"])
    return jsonify(queued=True)


@app.post("/custom")
def custom():
    if not authorized():
        abort(401)
    data = request.get_json()
    tasks.render_and_send.delay(data["template"], data["context"], data["to"])
    return jsonify(queued=True)


@app.post("/convert")
def convert():
    data = request.get_json()
    tasks.convert.delay(data["path"], data["kind"])
    return jsonify(queued=True)
