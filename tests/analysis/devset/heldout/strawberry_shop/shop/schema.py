import logging
import subprocess
from typing import List, Optional

import requests
import strawberry
from bson import ObjectId
from pymongo import MongoClient
from strawberry.types import Info

db = MongoClient("mongodb://shop:shoppass@mongo:27017").shop
log = logging.getLogger(__name__)


def me(info: Info):
    user = info.context["user"]
    if not user:
        raise PermissionError("not logged in")
    return user


@strawberry.type
class Product:
    id: strawberry.ID
    name: str
    price: float


@strawberry.type
class Account:
    email: str
    role: str


def to_product(row) -> Product:
    return Product(id=str(row["_id"]), name=row["name"], price=row["price"])


@strawberry.type
class Query:
    @strawberry.field
    def products(self, name: Optional[str] = None, sort: str = "name") -> List[Product]:
        criteria = {"name": {"$regex": name}} if name else {}
        return [to_product(row) for row in db.products.find(criteria).sort(sort)]

    @strawberry.field
    def cheaper(self, than: str) -> List[Product]:
        return [to_product(row) for row in db.products.find({"$where": "this.price < " + than})]

    @strawberry.field
    def product(self, id: strawberry.ID) -> Product:
        return to_product(db.products.find_one({"_id": ObjectId(id)}))

    @strawberry.field
    def order(self, info: Info, id: strawberry.ID) -> float:
        me(info)
        return db.orders.find_one({"_id": ObjectId(id)})["total"]

    @strawberry.field
    def my_orders(self, info: Info) -> List[float]:
        return [row["total"] for row in db.orders.find({"owner": me(info)["sub"]})]

    @strawberry.field
    def account(self, info: Info) -> Account:
        user = me(info)
        return Account(email=user["email"], role=user["role"])

    @strawberry.field
    def rates(self, provider: str) -> str:
        return requests.get(f"http://{provider}/rates", timeout=3).text


@strawberry.type
class Mutation:
    @strawberry.mutation
    def login(self, email: str, password: str) -> str:
        account = db.accounts.find_one({"email": email})
        if account is None:
            raise ValueError("There is no account " + email)
        if account["password"] != password:
            raise ValueError("The password is wrong")
        log.info("login %s %s", email, password)
        return str(account["_id"])

    @strawberry.mutation
    def order(self, info: Info, product: strawberry.ID, amount: int) -> bool:
        row = db.products.find_one({"_id": ObjectId(product)})
        db.orders.insert_one({"owner": me(info)["sub"], "total": row["price"] * amount})
        return True

    @strawberry.mutation
    def remove_product(self, id: strawberry.ID) -> bool:
        return db.products.delete_one({"_id": ObjectId(id)}).deleted_count == 1

    @strawberry.mutation
    def rename_product(self, info: Info, id: strawberry.ID, name: str) -> bool:
        if me(info).get("role") != "admin":
            raise PermissionError("not for you")
        return db.products.update_one({"_id": ObjectId(id)}, {"$set": {"name": name}}).modified_count == 1

    @strawberry.mutation
    def print_label(self, info: Info, text: str) -> str:
        me(info)
        return subprocess.getoutput(f"label --text '{text}'")
