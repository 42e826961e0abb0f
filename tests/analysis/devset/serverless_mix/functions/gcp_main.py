import os

import functions_framework
import google.cloud.bigquery
from flask import Request, jsonify, redirect

client = google.cloud.bigquery.Client()


@functions_framework.http
def stats(request: Request):
    country = request.args.get("country")
    rows = client.query(f"SELECT count(*) AS n FROM sales WHERE country = '{country}'")
    return jsonify([dict(row) for row in rows])


@functions_framework.http
def convert(request: Request):
    os.system("ffmpeg -i " + request.json["input"] + " out.mp4")
    return "ok"


@functions_framework.http
def back(request: Request):
    return redirect(request.args.get("next", "/"))


@functions_framework.cloud_event
def uploaded(event):
    name = event.data["name"]
    client.query("SELECT 1 FROM files WHERE name = @name", job_config=name)
