import logging
import os

import azure.functions as func
import pyodbc

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
CONNECTION = "Driver={ODBC Driver 18};Server=tcp:shop.example,1433;Uid=shop;Pwd=Sh0p!2023;"


@app.route(route="orders")
def orders(req: func.HttpRequest) -> func.HttpResponse:
    customer = req.params.get("customer")
    with pyodbc.connect(CONNECTION) as connection:
        rows = connection.cursor().execute(f"SELECT id FROM orders WHERE customer = '{customer}'").fetchall()
    return func.HttpResponse(str(len(rows)))


@app.route(route="hello")
def hello(req: func.HttpRequest) -> func.HttpResponse:
    name = req.get_json().get("name")
    return func.HttpResponse(f"<p>Hello {name}</p>", mimetype="text/html")


@app.route(route="total")
def total(req: func.HttpRequest) -> func.HttpResponse:
    with pyodbc.connect(os.environ["SQL"]) as connection:
        row = connection.cursor().execute("SELECT sum(total) FROM orders WHERE customer = ?", req.params["customer"]).fetchone()
    return func.HttpResponse(str(row[0]))
