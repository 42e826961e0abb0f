import os

import psycopg2


def one(query, params=None):
    with psycopg2.connect(os.environ["DATABASE"]).cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()
