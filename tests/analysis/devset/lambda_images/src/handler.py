import base64
import json
import logging
import os
import pickle
import subprocess
import urllib.parse
import urllib.request

import boto3
import pymysql

log = logging.getLogger()
log.setLevel(logging.INFO)
s3 = boto3.client("s3")
dynamo = boto3.resource("dynamodb").Table("images")
BUCKET = os.environ["BUCKET"]


def connect():
    return pymysql.connect(host=os.environ["DB_HOST"], user="images", password=os.environ["DB_PASSWORD"], database="images")


def main(event, context):
    log.info("event: %s", json.dumps(event))
    method = event["httpMethod"]
    query = event.get("queryStringParameters") or {}
    try:
        if method == "GET":
            return reply(200, search(query))
        if method == "POST":
            return reply(200, convert(json.loads(event["body"])))
        if method == "PUT":
            return reply(200, restore(event))
        if method == "DELETE":
            return reply(200, delete(query["id"]))
    except Exception as error:
        import traceback

        return reply(500, {"error": str(error), "trace": traceback.format_exc()})
    return reply(405, {})


def reply(code, body):
    return {
        "statusCode": code,
        "headers": {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"},
        "body": json.dumps(body),
    }


def search(query):
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM images WHERE tag = '%s'" % query["tag"])
        tagged = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM images WHERE tag = %s", (query["tag"],))
        total = cursor.fetchone()[0]
    return {"images": tagged, "total": total}


def convert(body):
    source = "/tmp/" + os.path.basename(body["key"])
    s3.download_file(BUCKET, body["key"], source)
    subprocess.run(f"convert {source} -resize {body['size']} /tmp/out.png", shell=True, check=True)
    subprocess.run(["optipng", "--", "/tmp/out.png"], check=True)
    s3.upload_file("/tmp/out.png", BUCKET, "small/" + body["key"])
    return {"ok": True}


def restore(event):
    state = pickle.loads(base64.b64decode(event["body"]))
    return {"restored": len(state)}


def delete(number):
    dynamo.delete_item(Key={"id": number})
    return {"deleted": number}


def on_upload(event, context):
    """Runs for each object in the bucket: its name is the uploader's."""
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        s3.download_file(BUCKET, key, "/tmp/" + key)
        os.system("exiftool /tmp/" + key)


def mirror(event, context):
    url = event["queryStringParameters"]["url"]
    data = urllib.request.urlopen(url).read()
    s3.put_object(Bucket=BUCKET, Key="mirror", Body=data)
    return {"statusCode": 302, "headers": {"Location": event["queryStringParameters"]["back"]}}


def page(event, context):
    name = event["queryStringParameters"]["name"]
    return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": f"<h1>{name}</h1>"}


def presign(event, context):
    user = event["requestContext"]["authorizer"]["claims"]["sub"]
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": f"{user}/avatar.png"}, ExpiresIn=300)
    return {"statusCode": 302, "headers": {"Location": url}}
