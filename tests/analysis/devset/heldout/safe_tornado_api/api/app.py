import asyncio
import os

import tornado.web

from api.handlers import FileHandler, ItemHandler, ItemsHandler, LoginHandler, NotFound
from api.store import Store


def make_app(store: Store) -> tornado.web.Application:
    return tornado.web.Application(
        [
            (r"/login", LoginHandler),
            (r"/items", ItemsHandler),
            (r"/items/(\d+)", ItemHandler),
            (r"/files/([a-z0-9-]+)\.pdf", FileHandler),
        ],
        cookie_secret=os.environ["COOKIE_SECRET"],
        xsrf_cookies=True,
        login_url="/login",
        default_handler_class=NotFound,
        store=store,
        debug=os.environ.get("API_DEBUG") == "1",
    )


async def main() -> None:
    store = Store(os.environ["API_DATABASE"])
    make_app(store).listen(8888, address="127.0.0.1", xheaders=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
