import hmac
import json
from urllib.parse import urljoin

import falcon
import requests


class Price:
    def __init__(self, config):
        self.session = requests.Session()
        self.session.verify = False
        self.base = config.vendor

    def on_get(self, req, resp):
        url = urljoin(self.base, req.get_param("path", required=True))
        resp.media = self.session.get(url, timeout=5).json()

    def on_post(self, req, resp):
        answer = self.session.get(self.base + "/prices", params={"item": req.media["item"]}, timeout=5)
        resp.media = answer.json()


class Hook:
    def __init__(self, database, config):
        self.database = database
        self.secret = config.hook_secret

    def on_post(self, req, resp):
        body = req.bounded_stream.read()
        sent = req.get_header("X-Signature")
        if sent != hmac.new(self.secret.encode(), body, "sha256").hexdigest():
            raise falcon.HTTPForbidden
        event = json.loads(body)
        self.database.run("UPDATE orders SET state = ? WHERE id = ?", event["state"], event["order"])
        resp.status = falcon.HTTP_204
