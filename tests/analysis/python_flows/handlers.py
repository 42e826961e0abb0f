"""Functions that frameworks call with a hostile `value`, by framework; at HERE it comes to a sink."""

HANDLERS: dict[str, str] = {
    "flask path parameter": """\
from flask import Flask
app = Flask(__name__)

@app.route("/<path:value>")
def view(value):
    HERE
    return "done"
""",
    "flask blueprint": """\
from flask import Blueprint, request
bp = Blueprint("shop", __name__)

@bp.post("/items")
def view():
    data = request.get_json()
    value = data["q"]
    HERE
    return "done"
""",
    "flask method view": """\
from flask import request
from flask.views import MethodView

class Items(MethodView):
    def get(self, value):
        HERE
        return "done"
""",
    "flask-restful resource": """\
from flask_restful import Resource, reqparse

class Items(Resource):
    def post(self):
        parser = reqparse.RequestParser()
        parser.add_argument("q")
        value = parser.parse_args()["q"]
        HERE
        return {}
""",
    "flask handed on": """\
from flask import Flask, request
app = Flask(__name__)

def search(value):
    HERE

@app.route("/search")
def view():
    search(request.args["q"])
    return "done"
""",
    "flask in an object": """\
from flask import Flask, request
app = Flask(__name__)

class Search:
    def __init__(self, value):
        self.value = value

    def run(self):
        value = self.value
        HERE

@app.route("/search")
def view():
    Search(request.args["q"]).run()
    return "done"
""",
    "quart": """\
from quart import Quart, request
app = Quart(__name__)

@app.route("/", methods=["POST"])
async def view():
    value = (await request.form)["q"]
    HERE
    return "done"
""",
    "django class-based view": """\
from django.http import JsonResponse
from django.views import View

class Items(View):
    def get(self, request, value):
        HERE
        return JsonResponse({})
""",
    "django generic view's kwargs": """\
from django.views.generic import ListView

class Items(ListView):
    def get_queryset(self):
        value = self.request.GET.get("q")
        HERE
""",
    "django decorated view": """\
from django.contrib.auth.decorators import login_required

@login_required
def view(request, value):
    HERE
""",
    "django form": """\
from django import forms
from django.http import JsonResponse

class SearchForm(forms.Form):
    q = forms.CharField()

def view(request):
    form = SearchForm(request.POST)
    if form.is_valid():
        value = form.cleaned_data["q"]
        HERE
    return JsonResponse({})
""",
    "drf api view": """\
from rest_framework.decorators import api_view
from rest_framework.response import Response

@api_view(["POST"])
def view(request):
    value = request.data["q"]
    HERE
    return Response({})
""",
    "drf viewset": """\
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

class Items(viewsets.ModelViewSet):
    @action(detail=False)
    def search(self, request):
        value = request.query_params.get("q")
        HERE
        return Response({})
""",
    "drf class": """\
from rest_framework.views import APIView
from rest_framework.response import Response

class Items(APIView):
    def post(self, request, format=None):
        value = request.data.get("q")
        HERE
        return Response({})
""",
    "fastapi query": """\
from fastapi import FastAPI
app = FastAPI()

@app.get("/items")
async def view(value: str):
    HERE
    return {}
""",
    "fastapi path and default": """\
from fastapi import APIRouter, Query
router = APIRouter()

@router.get("/items/{name}")
def view(name: str, value: str = Query(None)):
    HERE
    return {}
""",
    "fastapi body model": """\
from fastapi import FastAPI
from pydantic import BaseModel
app = FastAPI()

class Item(BaseModel):
    name: str
    price: float

@app.post("/items")
async def view(item: Item):
    value = item.name
    HERE
    return {}
""",
    "fastapi dict body": """\
from fastapi import APIRouter, Body
router = APIRouter()

@router.post("/items")
async def view(data: dict = Body(...)):
    value = data["q"]
    HERE
    return {}
""",
    "fastapi upload": """\
from fastapi import FastAPI, File, UploadFile
app = FastAPI()

@app.post("/items")
async def view(file: UploadFile = File(...)):
    value = (await file.read()).decode()
    HERE
    return {}
""",
    "fastapi websocket": """\
from fastapi import FastAPI, WebSocket
app = FastAPI()

@app.websocket("/ws")
async def view(websocket: WebSocket):
    await websocket.accept()
    value = await websocket.receive_text()
    HERE
""",
    "aiohttp route table": """\
from aiohttp import web
routes = web.RouteTableDef()

@routes.get("/items")
async def view(request):
    value = request.query["q"]
    HERE
    return web.json_response({})
""",
    "aiohttp added route": """\
from aiohttp import web

async def view(request):
    value = request.match_info["name"]
    HERE
    return web.json_response({})

app = web.Application()
app.router.add_get("/items/{name}", view)
""",
    "aiohttp class view": """\
from aiohttp import web

class Items(web.View):
    async def post(self):
        data = await self.request.json()
        value = data["q"]
        HERE
        return web.json_response({})
""",
    "tornado path parameter": """\
from tornado.web import RequestHandler

class Items(RequestHandler):
    async def get(self, value):
        HERE
""",
    "tornado websocket": """\
from tornado.websocket import WebSocketHandler

class Feed(WebSocketHandler):
    def on_message(self, value):
        HERE
""",
    "bottle": """\
from bottle import request, route

@route("/items")
def view():
    value = request.query.get("q")
    HERE
    return {}
""",
    "bottle attribute": """\
from bottle import Bottle, request
app = Bottle()

@app.post("/items")
def view():
    value = request.forms.q
    HERE
    return {}
""",
    "bottle path": """\
from bottle import get

@get("/items/<value>")
def view(value):
    HERE
    return {}
""",
    "pyramid": """\
from pyramid.view import view_config

@view_config(route_name="items", renderer="json")
def view(request):
    value = request.params["q"]
    HERE
    return {}
""",
    "falcon": """\
import falcon

class Items:
    def on_get(self, req, resp):
        value = req.get_param("q")
        HERE
""",
    "sanic": """\
from sanic import Sanic, response
app = Sanic("shop")

@app.route("/items")
async def view(request):
    value = request.args.get("q")
    HERE
    return response.json({})
""",
    "cherrypy": """\
import cherrypy

class Root:
    @cherrypy.expose
    def index(self, value=""):
        HERE
        return "done"
""",
    "web.py": """\
import web

class Index:
    def GET(self):
        value = web.input(q="").q
        HERE
        return "done"
""",
    "wsgi": """\
from urllib.parse import parse_qs

def application(environ, start_response):
    value = parse_qs(environ["QUERY_STRING"])["q"][0]
    HERE
    return [b"done"]
""",
    "cgi": """\
import cgi
form = cgi.FieldStorage()
value = form.getvalue("q")
HERE
""",
    "lambda": """\
import json

def lambda_handler(event, context):
    value = json.loads(event["body"])["q"]
    HERE
    return {"statusCode": 200}
""",
    "socketserver": """\
import socketserver

class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        value = self.request.recv(1024).decode()
        HERE
""",
    "socket": """\
import socket

def serve():
    server = socket.socket()
    server.listen()
    connection, _ = server.accept()
    value = connection.recv(1024).decode()
    HERE
""",
    "asyncio stream": """\
import asyncio

async def handle(reader, writer):
    value = (await reader.readline()).decode()
    HERE

async def main():
    await asyncio.start_server(handle, "127.0.0.1", 8000)
""",
    "graphene": """\
import graphene

class Query(graphene.ObjectType):
    items = graphene.List(graphene.String, value=graphene.String())

    def resolve_items(self, info, value):
        HERE
        return []
""",
    "graphene mutation": """\
import graphene

class AddItem(graphene.Mutation):
    class Arguments:
        value = graphene.String()

    def mutate(root, info, value):
        HERE
        return AddItem()
""",
    "strawberry": """\
import strawberry

@strawberry.type
class Query:
    @strawberry.field
    def items(self, value: str) -> str:
        HERE
        return ""
""",
    "ariadne": """\
from ariadne import QueryType
query = QueryType()

@query.field("items")
def resolve_items(_, info, value):
    HERE
    return []
""",
    "kafka": """\
from kafka import KafkaConsumer
consumer = KafkaConsumer("orders")
for message in consumer:
    value = message.value.decode()
    HERE
""",
    "flask-socketio": """\
from flask import Flask
from flask_socketio import SocketIO
app = Flask(__name__)
socketio = SocketIO(app)

@socketio.on("search")
def search(data):
    value = data["q"]
    HERE
""",
    "channels": """\
import json
from channels.generic.websocket import WebsocketConsumer

class Chat(WebsocketConsumer):
    def receive(self, text_data):
        value = json.loads(text_data)["message"]
        HERE
""",
    "pika": """\
import pika

def on_order(channel, method, properties, body):
    value = body.decode()
    HERE

channel = pika.BlockingConnection().channel()
channel.basic_consume(queue="orders", on_message_callback=on_order)
""",
    "django ninja": """\
from ninja import NinjaAPI
api = NinjaAPI()

@api.get("/items")
def view(request, value: str):
    HERE
    return {}
""",
}
