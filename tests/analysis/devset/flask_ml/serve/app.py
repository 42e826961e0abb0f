"""Serves models: predict, upload, explain."""
import base64
import io
import json
import os
import subprocess
import tempfile
import threading
import uuid

import joblib
import numpy as np
import pandas as pd
import torch
from flask import Flask, current_app, jsonify, request, send_file
from PIL import Image

from serve.registry import Registry
from serve.security import require_key

app = Flask(__name__)
app.config["MODEL_DIR"] = os.environ.get("MODEL_DIR", "models")
registry = Registry(app.config["MODEL_DIR"])
jobs = {}
quota = {"left": 1000}


@app.get("/health")
def health():
    return {"ok": True}


@app.get("/models")
def models():
    return jsonify(sorted(registry.names()))


@app.post("/predict/<name>")
@require_key
def predict(name):
    payload = request.get_json(force=True)
    frame = pd.DataFrame(payload["rows"])
    if payload.get("filter"):
        frame = frame.query(payload["filter"])
    model = registry.load(name)
    return jsonify(model.predict(frame).tolist())


@app.post("/predict/array")
@require_key
def predict_array():
    raw = base64.b64decode(request.get_json()["array"])
    array = np.load(io.BytesIO(raw), allow_pickle=True)
    return jsonify(registry.load("default").predict(array).tolist())


@app.post("/predict/plain")
@require_key
def predict_plain():
    array = np.load(io.BytesIO(request.get_data()), allow_pickle=False)
    return jsonify(registry.load("default").predict(array).tolist())


@app.post("/models/<name>")
@require_key
def upload(name):
    file = request.files["model"]
    target = os.path.join(app.config["MODEL_DIR"], file.filename)
    file.save(target)
    model = torch.load(target)
    registry.add(name, model)
    return {"name": name}, 201


@app.post("/models/<name>/weights")
@require_key
def weights(name):
    with tempfile.NamedTemporaryFile(suffix=".pt") as file:
        request.files["weights"].save(file.name)
        state = torch.load(file.name, weights_only=True)
    registry.load(name).load_state_dict(state)
    return {"name": name}


@app.delete("/models/<name>")
def delete(name):
    registry.remove(name)
    return "", 204


@app.post("/train")
@require_key
def train():
    config = request.get_json()
    job = uuid.uuid4().hex
    command = f"python -m serve.train --data {config['data']} --epochs {int(config['epochs'])}"
    process = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE)
    jobs[job] = process
    return {"job": job}


@app.get("/jobs/<job>")
@require_key
def job(job):
    process = jobs.get(job)
    return {"running": process is not None and process.poll() is None}


@app.post("/dataset")
@require_key
def dataset():
    url = request.json["url"]
    frame = pd.read_csv(url)
    return {"rows": len(frame)}


@app.get("/explain/<path:image>")
@require_key
def explain(image):
    picture = Image.open("/data/images/" + image)
    out = io.BytesIO()
    picture.resize((64, 64)).save(out, "PNG")
    out.seek(0)
    return send_file(out, mimetype="image/png")


@app.post("/quota")
@require_key
def use():
    if quota["left"] > 0:
        quota["left"] -= 1
        return {"left": quota["left"]}
    return {"error": "none left"}, 429


@app.post("/pickle-state")
@require_key
def state():
    return {"size": len(joblib.load(request.files["state"]))}


@app.errorhandler(Exception)
def failed(error):
    app.logger.exception("failed")
    return {"error": "internal"}, 500


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5001)))
