import json
import os
import subprocess
import tempfile
import urllib.parse

import boto3
import requests

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = json.loads(event.get("body") or "{}")
    params = event.get("queryStringParameters") or {}
    path = event["path"]
    if path == "/resize":
        subprocess.call(f"magick {body['file']} -resize {body['size']} /tmp/o.png", shell=True)
        return {"statusCode": 200, "body": "ok"}
    if path == "/remote":
        image = requests.get(params["url"], timeout=5)
        return {"statusCode": 200, "body": image.text}
    if path == "/show":
        with open("/opt/images/" + params["name"]) as source:
            return {"statusCode": 200, "body": source.read()}
    if path == "/title":
        html = "<h1>" + params.get("title", "") + "</h1>"
        return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": html}
    if path == "/leave":
        return {"statusCode": 301, "headers": {"location": params["to"]}}
    if path == "/size":
        size = int(params["size"])
        done = subprocess.run(["magick", "/opt/images/logo.png", "-resize", f"{size}x{size}", "png:-"], capture_output=True)
        return {"statusCode": 200, "body": done.stdout.hex()}
    return {"statusCode": 404, "body": ""}
