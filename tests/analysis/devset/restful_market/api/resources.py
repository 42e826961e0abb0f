import io
import os
import re
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse

import pdfkit
import requests
from bson import ObjectId
from bson.json_util import dumps
from flask import Blueprint, Response, current_app, g, jsonify, make_response, render_template, request, send_file, stream_with_context
from flask_jwt_extended import create_access_token, get_jwt, get_jwt_identity, jwt_required, verify_jwt_in_request
from flask_restful import Api, Resource, abort, fields, marshal_with, reqparse
from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields as ma, validate
from PIL import Image
from webargs import fields as wa
from webargs.flaskparser import use_args, use_kwargs
from werkzeug.utils import secure_filename

from .extensions import bcrypt, celery, limiter, mongo
from .tasks import render_video

bp = Blueprint("api", __name__)
api = Api(bp)
parser = reqparse.RequestParser()
parser.add_argument("q")
parser.add_argument("sort", default="name")
parser.add_argument("limit", type=int, default=20)
LOCAL = re.compile(r"^https?://(localhost|127\.0\.0\.1)")


class UserSchema(Schema):
    class Meta:
        unknown = INCLUDE

    name = ma.Str(required=True, validate=validate.Length(max=50))
    password = ma.Str(required=True)


class ItemSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    title = ma.Str(required=True)
    price = ma.Float()


class Register(Resource):
    decorators = [limiter.limit("5/minute")]

    def post(self):
        data = UserSchema().load(request.get_json())
        data["password"] = bcrypt.generate_password_hash(data["password"])
        mongo.db.users.insert_one(data)
        return {"ok": True}, 201


class Login(Resource):
    decorators = [limiter.limit("5/minute")]

    def post(self):
        body = request.get_json()
        user = mongo.db.users.find_one({"name": body["name"]})
        if not user or not bcrypt.check_password_hash(user["password"], str(body["password"])):
            return {"error": "wrong name or password"}, 401
        return {"token": create_access_token(str(user["_id"]), expires_delta=timedelta(hours=1))}


class SafeLogin(Resource):
    decorators = [limiter.limit("5/minute")]

    @use_args({"name": wa.Str(required=True), "password": wa.Str(required=True)})
    def post(self, args):
        user = mongo.db.users.find_one({"name": args["name"]})
        if not user or not bcrypt.check_password_hash(user["password"], args["password"]):
            return {"error": "wrong name or password"}, 401
        return {"token": create_access_token(str(user["_id"]))}


class Items(Resource):
    method_decorators = [jwt_required()]

    def get(self):
        args = parser.parse_args()
        found = mongo.db.items.find({"title": {"$regex": args["q"] or ""}})
        return Response(dumps(found.limit(args["limit"])), mimetype="application/json")

    def post(self):
        item = ItemSchema().load(request.get_json())
        item["owner"] = get_jwt_identity()
        return {"id": str(mongo.db.items.insert_one(item).inserted_id)}, 201


class Item(Resource):
    method_decorators = [jwt_required()]

    def get(self, item_id):
        item = mongo.db.items.find_one({"_id": ObjectId(item_id), "owner": get_jwt_identity()})
        return Response(dumps(item), mimetype="application/json")

    def put(self, item_id):
        mongo.db.items.update_one({"_id": ObjectId(item_id)}, {"$set": request.get_json()})
        return "", 204

    def delete(self, item_id):
        mongo.db.items.delete_one({"_id": ObjectId(item_id)})
        return "", 204


class Users(Resource):
    def get(self):
        return Response(dumps(mongo.db.users.find()), mimetype="application/json")

    @jwt_required()
    def delete(self):
        if not get_jwt().get("admin"):
            abort(403)
        mongo.db.users.delete_many({"banned": True})
        return "", 204


class Avatar(Resource):
    method_decorators = [jwt_required()]

    def post(self):
        upload = request.files["image"]
        name = f"{get_jwt_identity()}_{upload.filename}"
        upload.save(os.path.join(current_app.config["AVATARS"], name))
        return {"name": name}

    def put(self):
        upload = request.files["image"]
        image = Image.open(upload.stream)
        image.thumbnail((200, 200))
        image.save(Path(current_app.config["AVATARS"]) / f"{uuid.uuid4()}.png")
        return "", 204

    def get(self):
        name = request.args.get("name", "default.png")
        return send_file(os.path.join(current_app.config["AVATARS"], secure_filename(name)))


class Report(Resource):
    method_decorators = [jwt_required()]

    def get(self):
        html = render_template("report.html", title=request.args.get("title", ""))
        pdf = pdfkit.from_string(html, False)
        return Response(pdf, mimetype="application/pdf")

    def post(self):
        pdf = pdfkit.from_url(request.json["url"], False)
        return Response(pdf, mimetype="application/pdf")


class Hook(Resource):
    method_decorators = [jwt_required()]

    def post(self):
        url = request.json["url"]
        if LOCAL.match(url):
            return {"error": "refused"}, 400
        answer = requests.post(url, json={"ping": True}, timeout=3)
        return {"status": answer.status_code}

    def put(self):
        parts = urlparse(request.json["url"])
        if parts.scheme != "https" or parts.netloc not in current_app.config["HOOK_HOSTS"]:
            return {"error": "refused"}, 400
        return {"status": requests.post(parts.geturl(), timeout=3).status_code}


class Video(Resource):
    method_decorators = [jwt_required()]

    def post(self):
        render_video.delay(request.json["source"], request.json.get("filter", "null"))
        return "", 202

    def get(self):
        target = request.args.get("format", "mp4")
        if target not in ("mp4", "webm"):
            abort(400)
        subprocess.run(f"ffmpeg -i /srv/in.mov /srv/out.{target}", shell=True)
        return "", 202


class Page(Resource):
    def get(self, slug):
        page = mongo.db.pages.find_one_or_404({"slug": slug})
        return make_response(f"<h1>{page['title']}</h1>{page['body']}")

    def head(self, slug):
        return make_response(render_template("page.html", page=mongo.db.pages.find_one({"slug": slug})))


@bp.route("/where")
@jwt_required()
def where():
    expression = request.args["expr"]
    found = mongo.db.items.find({"$where": "this.price < " + expression})
    return Response(dumps(found), mimetype="application/json")


@bp.route("/aggregate", methods=["POST"])
@jwt_required()
def aggregate():
    return Response(dumps(mongo.db.items.aggregate(request.json["pipeline"])), mimetype="application/json")


@bp.route("/tail")
@jwt_required()
def tail():
    lines = subprocess.Popen(["tail", "-n", request.args.get("n", "10"), "/var/log/" + request.args["file"]], stdout=subprocess.PIPE)
    return Response(stream_with_context(lines.stdout))


@bp.after_request
def headers(response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


@bp.errorhandler(ValidationError)
def invalid(error):
    return jsonify(errors=error.messages), 400


api.add_resource(Register, "/register")
api.add_resource(Login, "/login")
api.add_resource(SafeLogin, "/login2")
api.add_resource(Items, "/items")
api.add_resource(Item, "/items/<item_id>")
api.add_resource(Users, "/users")
api.add_resource(Avatar, "/avatar")
api.add_resource(Report, "/report")
api.add_resource(Hook, "/hook")
api.add_resource(Video, "/video")
api.add_resource(Page, "/page/<slug>")
