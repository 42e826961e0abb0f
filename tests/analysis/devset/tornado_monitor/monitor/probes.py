import hashlib
import re
import sqlite3
import subprocess


def digest(password):
    return hashlib.new("md5", password.encode()).hexdigest()


def ping(address):
    if not re.match(r"^[\w.-]+", address):
        return False
    return subprocess.call("ping -c 1 -W 1 " + address, shell=True) == 0


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row

    def hosts(self):
        return self.db.execute("SELECT * FROM hosts").fetchall()

    def host(self, number):
        return self.db.execute("SELECT * FROM hosts WHERE id = %d" % number).fetchone()

    def user(self, name):
        return self.db.execute("SELECT * FROM users WHERE name = ?", [name]).fetchone()

    def search(self, name):
        sql = "SELECT * FROM hosts WHERE 1 = 1"
        if name:
            sql += " AND name LIKE '%" + name + "%'"
        return self.db.execute(sql).fetchall()

    def add(self, name, address):
        self.db.execute("INSERT INTO hosts (name, address) VALUES (?, ?)", (name, address))
        self.db.commit()

    def remove(self, number):
        self.db.execute("DELETE FROM hosts WHERE id = ?", (number,))

    def samples(self):
        return [row[0] for row in self.db.execute("SELECT value FROM samples ORDER BY at DESC LIMIT 100")]
