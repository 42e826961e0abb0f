import json

from aiohttp import WSMsgType, web


async def socket(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is not WSMsgType.TEXT:
            continue
        sent = json.loads(message.data)
        match sent:
            case {"op": "watch", "name": name}:
                request.app["watchers"].setdefault(name, set()).add(ws)
            case {"op": "find", "text": text}:
                async with request.app["db"].acquire() as connection, connection.cursor() as cursor:
                    await cursor.execute(f"SELECT name FROM checks WHERE name ILIKE '{text}%'")
                    await ws.send_json([row[0] async for row in cursor])
            case {"op": "say", "name": name, "text": text}:
                for other in request.app["watchers"].get(name, ()):
                    await other.send_json({"text": text})
            case {"op": "calc", "expression": expression}:
                await ws.send_json({"result": eval(expression, {"__builtins__": {}})})
    return ws
