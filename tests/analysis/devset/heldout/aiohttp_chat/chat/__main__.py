import logging

from aiohttp import web

from chat.server import make_app

if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    web.run_app(make_app(), host="0.0.0.0", port=8081)
