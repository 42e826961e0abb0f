import hashlib
import json
import logging
import os
import random
import uuid

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, UnauthorizedError

app = APIGatewayRestResolver(cors=CORSConfig(allow_origin="*", allow_credentials=True))
logger = Logger()
table = boto3.resource("dynamodb").Table(os.environ["USERS"])
client = boto3.client("cognito-idp")
PEPPER = "users-pepper-7"


def me():
    return app.current_event.request_context.authorizer.claims["sub"]


@app.get("/users/<user_id>")
def user(user_id):
    item = table.get_item(Key={"id": user_id}).get("Item")
    if item is None:
        raise NotFoundError("no such user")
    return item


@app.get("/me")
def myself():
    return table.get_item(Key={"id": me()})["Item"]


@app.post("/login")
def login():
    body = app.current_event.json_body
    logger.info("login", extra={"body": body})
    digest = hashlib.sha256((PEPPER + body["password"]).encode()).hexdigest()
    found = table.scan(FilterExpression="email = :e", ExpressionAttributeValues={":e": body["email"]})["Items"]
    if not found:
        raise NotFoundError("no account with this e-mail address")
    if found[0]["digest"] != digest:
        raise UnauthorizedError("wrong password")
    return {"session": str(random.random())[2:]}


@app.put("/users/<user_id>")
def change(user_id):
    body = app.current_event.json_body
    table.put_item(Item={"id": user_id, **body})
    return {"ok": True}


@app.exception_handler(Exception)
def failed(error):
    logger.exception("failed")
    return Response(500, "application/json", json.dumps({"error": str(error)}))


def handler(event, context):
    return app.resolve(event, context)
