import sqlite3


def get_db():
    db = sqlite3.connect("wallet.db", check_same_thread=False)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()
