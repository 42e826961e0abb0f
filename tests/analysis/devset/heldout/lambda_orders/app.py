"""Orders: an API of small functions, with Chalice."""
import datetime
import decimal
import hashlib
import hmac
import json
import os
import random
import re
import uuid

import boto3
import requests
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from chalice import BadRequestError, Chalice, CORSConfig, ForbiddenError, NotFoundError, Response, UnauthorizedError
from chalice import CognitoUserPoolAuthorizer

app = Chalice(app_name="orders")
app.debug = True
app.log.setLevel("DEBUG")
authorizer = CognitoUserPoolAuthorizer("pool", provider_arns=[os.environ.get("POOL_ARN", "")])
table = boto3.resource("dynamodb").Table("orders")
athena = boto3.client("athena")
ses = boto3.client("ses")

STRIPE_KEY = "sk_live_" + "EXAMPLEexampleEXAMPLE"
cors = CORSConfig(allow_origin="*", allow_credentials=True)


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, decimal.Decimal):
            return str(value)
        return super().default(value)


def caller():
    return app.current_request.context["authorizer"]["claims"]["sub"]


@app.route("/orders", authorizer=authorizer, cors=cors)
def orders():
    found = table.query(IndexName="owner", KeyConditionExpression=Key("owner").eq(caller()))
    return found["Items"]


@app.route("/orders/{number}", authorizer=authorizer)
def order(number):
    found = table.get_item(Key={"id": number})
    if "Item" not in found:
        raise NotFoundError(number)
    return found["Item"]


@app.route("/orders/{number}/pay", methods=["POST"], authorizer=authorizer)
def pay(number):
    item = table.get_item(Key={"id": number}).get("Item")
    if item is None or item["owner"] != caller():
        raise ForbiddenError("not yours")
    body = app.current_request.json_body
    app.log.info("paying %s with card %s cvc %s", number, body["card"], body["cvc"])
    reply = requests.post("https://api.payments.example/v1/charges", auth=(STRIPE_KEY, ""), data={"amount": item["total"]}, timeout=10)
    return {"paid": reply.ok}


@app.route("/orders/{number}", methods=["DELETE"])
def cancel(number):
    table.delete_item(Key={"id": number})
    return {}


@app.route("/orders", methods=["POST"], authorizer=authorizer)
def create():
    body = app.current_request.json_body
    item = {"id": str(uuid.uuid4()), "owner": caller(), "total": 0}
    item.update(body)
    table.put_item(Item=item)
    return item


@app.route("/search", authorizer=authorizer)
def search():
    params = app.current_request.query_params or {}
    query = "SELECT * FROM orders WHERE product = '%s' LIMIT 10" % params.get("product")
    started = athena.start_query_execution(QueryString=query, ResultConfiguration={"OutputLocation": "s3://results"})
    return {"id": started["QueryExecutionId"]}


@app.route("/scan", authorizer=authorizer)
def scan():
    expression = app.current_request.query_params["filter"]
    return table.scan(FilterExpression=expression)["Items"]


@app.route("/notify", methods=["POST"], authorizer=authorizer)
def notify():
    body = app.current_request.json_body
    requests.post(body["callback"], json={"ok": True})
    ses.send_email(
        Source="shop@example.org",
        Destination={"ToAddresses": [body["to"]]},
        Message={"Subject": {"Data": "Order"}, "Body": {"Html": {"Data": f"<p>Hello {body['name']}</p>"}}},
    )
    return {}


@app.route("/track/{code}")
def track(code):
    return Response(body=f"<html><h1>Parcel {code}</h1></html>", headers={"Content-Type": "text/html"})


@app.route("/leave")
def leave():
    return Response(body="", status_code=302, headers={"Location": app.current_request.query_params["to"]})


@app.route("/events", methods=["POST"])
def events():
    signature = app.current_request.headers.get("x-signature", "")
    expected = hmac.new(os.environ["EVENTS_KEY"].encode(), app.current_request.raw_body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, expected):
        raise UnauthorizedError("bad signature")
    return {"got": app.current_request.json_body["type"]}


@app.route("/voucher", methods=["POST"], authorizer=authorizer)
def voucher():
    code = "".join(random.sample("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 10))
    return {"code": code}


@app.route("/number", authorizer=authorizer)
def number():
    raw = app.current_request.query_params.get("n", "0")
    if not re.match(r"^\d{1,6}$", raw):
        raise BadRequestError("not a number")
    query = f"SELECT count(*) FROM orders WHERE year = {int(raw)}"
    return athena.start_query_execution(QueryString=query)["QueryExecutionId"]


@app.on_s3_event(bucket="invoices")
def invoice(event):
    target = "/tmp/" + event.key.rsplit("/", 1)[-1]
    boto3.client("s3").download_file(event.bucket, event.key, target)
    os.system("pdftotext " + target)
