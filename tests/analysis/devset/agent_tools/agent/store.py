import hashlib
import json
import logging
import os
import pickle
import sqlite3
import threading
from pathlib import Path

import duckdb
import psycopg2
from psycopg2 import sql
from elasticsearch import Elasticsearch
from neo4j import GraphDatabase

log = logging.getLogger(__name__)


class VectorStore:
    """A store in a local folder."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @classmethod
    def load_local(cls, folder, index_name="index"):
        store = cls(folder)
        with open(store.folder / f"{index_name}.pkl", "rb") as handle:
            store.documents, store.ids = pickle.load(handle)
        return store

    def save_local(self):
        with open(self.folder / "index.pkl", "wb") as handle:
            pickle.dump((self.documents, self.ids), handle)


class SqlStore:
    def __init__(self, dsn, table="documents"):
        self.connection = psycopg2.connect(dsn)
        self.table = table

    def _filter(self, metadata):
        return " AND ".join(f"metadata->>'{key}' = '{value}'" for key, value in metadata.items())

    def search(self, vector, metadata=None, k=4):
        where = f"WHERE {self._filter(metadata)}" if metadata else ""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {self.table} {where} ORDER BY v <-> %s LIMIT %s", (vector, k))
            return cursor.fetchall()

    def delete(self, ids):
        quoted = ", ".join("'" + i + "'" for i in ids)
        with self.connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table} WHERE id IN ({quoted})")

    def delete_safely(self, ids):
        with self.connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE id = ANY(%s)").format(sql.Identifier(self.table)), (ids,)
            )


class Graph:
    def __init__(self, url):
        self.driver = GraphDatabase.driver(url, auth=("neo4j", "neo4j-pass-1"))

    def neighbours(self, name):
        with self.driver.session() as session:
            return session.run(f"MATCH (n {{name: '{name}'}})--(m) RETURN m").data()

    def neighbours_safely(self, name):
        with self.driver.session() as session:
            return session.run("MATCH (n {name: $name})--(m) RETURN m", name=name).data()


class Frames:
    def query(self, path, column, value):
        return duckdb.sql(f"SELECT * FROM read_parquet('{path}') WHERE {column} = '{value}'")
