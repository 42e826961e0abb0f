import psycopg2
import psycopg2.extras
from flask import current_app, g
from psycopg2 import sql


def get_db():
    if "db" not in g:
        g.db = psycopg2.connect(current_app.config["DATABASE_URL"], cursor_factory=psycopg2.extras.RealDictCursor)
    return g.db


def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def init_app(app):
    app.teardown_appcontext(close_db)


class Query:
    """Builds a statement step by step."""

    def __init__(self, table):
        self.table = table
        self.conditions = []
        self.order = "id"

    def where(self, condition):
        self.conditions.append(condition)
        return self

    def order_by(self, column):
        self.order = column
        return self

    def build(self):
        statement = "SELECT * FROM " + self.table
        if self.conditions:
            statement += " WHERE " + " AND ".join(self.conditions)
        return statement + " ORDER BY " + self.order

    def all(self):
        with get_db().cursor() as cursor:
            cursor.execute(self.build())
            return cursor.fetchall()


def fetch(table, number):
    statement = sql.SQL("SELECT * FROM {} WHERE id = %s").format(sql.Identifier(table))
    with get_db().cursor() as cursor:
        cursor.execute(statement, (number,))
        return cursor.fetchone()


def insert(table, values):
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    with get_db().cursor() as cursor:
        cursor.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, marks), list(values.values()))
    get_db().commit()
