import uuid

import falcon
import jwt


class Tracing:
    def process_request(self, req, resp):
        req.context.trace = req.get_header("X-Trace") or uuid.uuid4().hex

    def process_response(self, req, resp, resource, succeeded):
        resp.set_header("X-Trace", req.context.trace)


class Accounts:
    OPEN = {"/login", "/people", "/vendor/hook"}

    def __init__(self, config):
        self.config = config

    def process_resource(self, req, resp, resource, params):
        req.context.account = None
        token = (req.auth or "").removeprefix("Bearer ")
        if token:
            try:
                req.context.account = jwt.decode(token, self.config.jwt_key, algorithms=list(self.config.jwt_algorithms))
            except jwt.ExpiredSignatureError:
                req.context.account = jwt.decode(token, options={"verify_signature": False})
            except jwt.InvalidTokenError:
                pass
        if req.context.account is None and req.path not in self.OPEN:
            raise falcon.HTTPUnauthorized


def manager(req, resp, resource, params):
    if (req.context.account or {}).get("role") != "manager":
        raise falcon.HTTPForbidden
