import json
import operator
from functools import reduce

import falcon

from .db import Query
from .middleware import manager


class Items:
    def __init__(self, database):
        self.database = database

    def on_get(self, req, resp):
        query = Query("items")
        if kind := req.get_param("kind"):
            query.where(kind=kind)
        if text := req.get_param("text"):
            query.raw(f"name LIKE '%{text}%'")
        if order := req.get_param("order"):
            query.order(order)
        resp.media = query.run(self.database)

    @falcon.before(manager)
    def on_post(self, req, resp):
        item = req.media
        number = self.database.run(
            "INSERT INTO items (name, kind, amount) VALUES (?, ?, ?)", item["name"], item["kind"], item["amount"]
        )
        resp.media = {"id": number}
        resp.status = falcon.HTTP_201


class Item:
    def __init__(self, database):
        self.database = database

    def on_get(self, req, resp, number):
        found = self.database.all("SELECT * FROM items WHERE id = ?", number)
        if not found:
            raise falcon.HTTPNotFound
        resp.media = found[0]

    def on_patch(self, req, resp, number):
        changes = req.get_media()
        for column, value in changes.items():
            self.database.run(f"UPDATE items SET {column} = ? WHERE id = ?", value, number)
        resp.status = falcon.HTTP_204

    @falcon.before(manager)
    def on_delete(self, req, resp, number):
        self.database.run("DELETE FROM items WHERE id = ?", number)
        resp.status = falcon.HTTP_204


class History:
    OPERATIONS = {"sum": sum, "max": max, "product": lambda values: reduce(operator.mul, values, 1)}

    def __init__(self, database):
        self.database = database

    def on_get(self, req, resp, number):
        rows = self.database.all("SELECT amount FROM history WHERE item = ?", number)
        amounts = [row["amount"] for row in rows]
        expression = req.get_param("formula")
        if expression:
            resp.media = {"result": eval(expression, {"amounts": amounts})}
        else:
            resp.media = {"result": self.OPERATIONS[req.get_param("by", default="sum")](amounts)}

    def on_post(self, req, resp, number):
        packed = req.bounded_stream.read()
        entries = json.loads(packed)
        for entry in entries:
            self.database.run("INSERT INTO history (item, amount) VALUES (?, ?)", number, entry["amount"])
        resp.status = falcon.HTTP_204
