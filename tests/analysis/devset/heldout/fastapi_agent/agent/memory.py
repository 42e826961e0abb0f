import json
import pickle
import sqlite3


class Memory:
    def __init__(self, path):
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self.connection.execute("CREATE TABLE IF NOT EXISTS memory (conversation TEXT, text TEXT)")

    def remember(self, conversation, text):
        self.connection.execute("INSERT INTO memory VALUES (?, ?)", (conversation, text))
        self.connection.commit()

    def search(self, conversation, contains=None):
        statement = "SELECT text FROM memory WHERE conversation = ?"
        if contains is not None:
            statement = f"{statement} AND text LIKE '%{contains}%'"
        return [row[0] for row in self.connection.execute(statement, (conversation,))]

    def dump(self):
        return json.dumps(list(self.connection.execute("SELECT * FROM memory")))
