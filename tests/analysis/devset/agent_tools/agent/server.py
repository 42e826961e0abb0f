import base64
import hmac
import json
import os
import shutil
import tempfile
import uuid

import gradio as gr
import joblib
import mlflow
import numpy as np
import torch
import dill
import cloudpickle
from fastapi import Depends, FastAPI, File, Form, Header, HTTPException, Request, UploadFile
from huggingface_hub import hf_hub_download
from transformers import AutoModel, AutoTokenizer
from pydantic import BaseModel

from .tools import Calculator, FrameAgent, SqlAgent, complete

app = FastAPI()
MODELS = "/srv/models"
API_KEY = "sk-live-9f8e7d6c5b4a39281706"


class LoadRequest(BaseModel):
    name: str
    revision: str = "main"
    trust: bool = False


class EvalRequest(BaseModel):
    expression: str


def authorized(x_api_key: str = Header()):
    if x_api_key != API_KEY:
        raise HTTPException(401)


@app.post("/models/load")
def load(body: LoadRequest):
    path = os.path.join(MODELS, body.name)
    return {"keys": list(torch.load(path, map_location="cpu"))}


@app.post("/models/hub")
def hub(body: LoadRequest):
    model = AutoModel.from_pretrained(body.name, trust_remote_code=True)
    return {"parameters": model.num_parameters()}


@app.post("/models/joblib")
def classic(file: UploadFile = File()):
    model = joblib.load(file.file)
    return {"type": type(model).__name__}


@app.post("/functions")
async def function(request: Request):
    body = await request.json()
    fn = dill.loads(base64.b64decode(body["function"]))
    return {"result": fn()}


@app.post("/calc")
def calc(body: EvalRequest):
    return {"value": Calculator().run(body.expression)}


@app.get("/artifact")
def artifact(run_id: str, path: str):
    root = os.path.join("/srv/artifacts", run_id)
    if ".." in path:
        raise HTTPException(400)
    with open(os.path.join(root, path)) as handle:
        return handle.read()


@app.delete("/artifact")
def remove(run_id: str):
    shutil.rmtree(f"/srv/artifacts/{run_id}")
    return {"ok": True}


@app.get("/artifact2")
def artifact_safe(run_id: uuid.UUID):
    with open(f"/srv/artifacts/{run_id}/log.txt") as handle:
        return handle.read()


@app.post("/ask", dependencies=[Depends(authorized)])
def ask(question: str = Form()):
    return {"rows": [list(r) for r in SqlAgent(os.environ["DB"]).answer(question)]}


def launch():
    with gr.Blocks() as demo:
        box = gr.Textbox()
        out = gr.Textbox()
        box.submit(lambda text: eval(text), box, out)
    demo.launch(server_name="0.0.0.0", share=True)


def preview(name):
    return open(os.path.join(MODELS, name, "README.md")).read()


page = gr.Interface(fn=preview, inputs="text", outputs="text")
