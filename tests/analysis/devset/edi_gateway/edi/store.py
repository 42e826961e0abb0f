import os
import psycopg2

_conn = None


def connection():
    global _conn
    if _conn is None:
        _conn = psycopg2.connect(os.environ["DSN"])
    return _conn


def run_query(sql, args=None):
    with connection().cursor() as cur:
        cur.execute(sql, args)
        return cur.fetchall()


def orders_of(ident):
    return run_query("SELECT * FROM orders WHERE customer = %s", (ident,))
