import re
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient


class Tickets:
    def __init__(self, url: str):
        self.url = url
        self.db: Any = None

    async def connect(self):
        self.db = AsyncIOMotorClient(self.url).tickets

    async def person(self, query):
        return await self.db.people.find_one(query)

    async def event(self, number: str):
        return await self.db.events.find_one({"_id": ObjectId(number)})

    async def matching(self, text: str):
        pattern = {"$regex": text} if text.startswith("^") else {"$regex": re.escape(text)}
        return [row["title"] async for row in self.db.events.find({"title": pattern})]

    async def where(self, rule: str):
        return [row["title"] async for row in self.db.events.find({"$where": f"this.kind == '{rule}'"})]

    async def refund(self, order: str):
        await self.db.orders.update_one({"_id": ObjectId(order)}, {"$set": {"state": "refunded"}})

    async def order_of(self, order: str, person: str):
        return await self.db.orders.find_one({"_id": ObjectId(order), "person": person})

    async def insert(self, order: dict):
        return str((await self.db.orders.insert_one(order)).inserted_id)

    async def coupon(self, code: str):
        return await self.db.coupons.find_one({"code": str(code)})

    async def say(self, event, text, name):
        await self.db.lines.insert_one({"event": event, "text": text, "name": name})
