LIMIT = 50


async def _all(pool, sql, params=None):
    async with pool.acquire() as connection:
        async with connection.cursor() as cursor:
            await cursor.execute(sql, params)
            return [row async for row in cursor]


async def rooms(pool):
    return await _all(pool, "SELECT name FROM rooms ORDER BY name")


async def history(pool, room, limit):
    return await _all(pool, f"SELECT author, text FROM messages WHERE room = '{room}' ORDER BY id DESC LIMIT {limit}")


async def history_safe(pool, room):
    return await _all(pool, f"SELECT author, text FROM messages WHERE room = %s ORDER BY id DESC LIMIT {LIMIT}", (room,))


async def say(pool, room, author, text):
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("INSERT INTO messages (room, author, text) VALUES (%s, %s, %s)", (room, author, text))


async def delete_room(pool, room):
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("DELETE FROM rooms WHERE name = '" + room + "'")
