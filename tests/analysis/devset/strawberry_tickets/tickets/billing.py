import hashlib
import hmac
import json
import logging
from dataclasses import dataclass

import httpx

log = logging.getLogger(__name__)
STRIPE = "stripe-hook-9f3k2"
PAY = "http://payments.example/charge"


@dataclass
class Order:
    person: str
    event: dict
    count: int
    coupon: str | None
    total: float | None

    def price(self) -> float:
        return self.total or self.event["price"] * self.count

    async def pay(self, tickets):
        price = self.price()
        if self.coupon and (found := await tickets.coupon(self.coupon)):
            price -= found["amount"]
        async with httpx.AsyncClient() as client:
            await client.post(PAY, json={"person": self.person, "amount": price})
        log.info("charged %.2f", price)
        return await tickets.insert({"person": self.person, "event": self.event["_id"], "price": price})


async def stripe_event(body: bytes, headers):
    expected = hmac.new(STRIPE.encode(), body, hashlib.sha256).hexdigest()
    if expected != headers.get("Stripe-Signature"):
        return {"error": "signature"}, 400
    return {"ok": json.loads(body)["id"]}


async def paypal_event(body: bytes, headers):
    event = json.loads(body)
    from .app import tickets

    await tickets.db.orders.update_one({"_id": event["order"]}, {"$set": {"state": event["state"]}})
    return {"ok": True}
