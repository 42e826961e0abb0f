import hashlib
import os
import secrets


async def check(pool, name, password):
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("SELECT salt, digest FROM users WHERE name = %s", (name,))
        row = await cursor.fetchone()
    if row is None:
        return None
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), row[0], 1000)
    return name if secrets.compare_digest(digest, row[1]) else None


async def create(pool, name, password):
    salt = os.urandom(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    async with pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("INSERT INTO users VALUES (%s, %s, %s)", (name, salt, digest))
