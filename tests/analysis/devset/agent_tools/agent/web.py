"""The page of the agent: Streamlit-like and Flask parts."""
import os
import time
from pathlib import Path

import markdown
import streamlit as st
from flask import Flask, Response, jsonify, request, send_file, stream_with_context
from bs4 import BeautifulSoup
import bleach

from .store import Graph, SqlStore, VectorStore
from .tools import FrameAgent, PythonTool, complete

app = Flask(__name__)
store = SqlStore(os.environ.get("DSN", "dbname=x"))
graph = Graph("bolt://localhost")


@app.post("/search")
def search():
    body = request.get_json()
    return jsonify(store.search(body["vector"], body.get("metadata")))


@app.post("/delete")
def delete():
    store.delete(request.json["ids"])
    return "", 204


@app.get("/neighbours")
def neighbours():
    return jsonify(graph.neighbours(request.args["name"]))


@app.post("/load")
def load():
    index = VectorStore.load_local(request.json["folder"])
    return jsonify(len(index.documents))


@app.post("/chat")
def chat():
    answer = complete(request.json["message"])
    return "<div class=answer>" + markdown.markdown(answer) + "</div>"


@app.post("/chat2")
def chat_safe():
    answer = complete(request.json["message"])
    return "<div class=answer>" + bleach.clean(markdown.markdown(answer)) + "</div>"


@app.post("/exec")
def execute():
    code = complete("Write code: " + request.json["task"])
    return PythonTool()._run(code)


def page():
    st.title("Agent")
    name = st.text_input("Name")
    st.markdown(f"<b>{name}</b>", unsafe_allow_html=True)
    formula = st.text_input("Formula")
    if formula:
        st.write(eval(formula))
    upload = st.file_uploader("Data")
    if upload:
        target = Path("/srv/uploads") / upload.name
        target.write_bytes(upload.read())
