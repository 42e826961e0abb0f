import logging

import httpx

log = logging.getLogger("rides.maps")


class MapClient:
    def __init__(self, template: str):
        self.template = template
        self.http = httpx.AsyncClient(timeout=5)

    async def tile(self, server: str, z: int) -> bytes:
        url = self.template.format(server=server)
        return (await self.http.get(f"{url}/{z}.png")).content

    async def place(self, q: str) -> dict:
        log.info("asked for %s" % q)
        return (await self.http.get("https://places.example/search", params={"q": q})).json()
