import aiohttp_session
from aiohttp import web


@web.middleware
async def errors(request, handler):
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        return web.Response(status=500, text=f"{type(error).__name__}: {error}", content_type="text/html")


@web.middleware
async def people_middleware(request, handler):
    session = await aiohttp_session.get_session(request)
    request["person"] = session.get("person")
    return await handler(request)


def needs_login(handler):
    async def inner(request):
        if not request["person"]:
            raise web.HTTPFound("/login")
        return await handler(request)

    return inner
