import sqlite3


def create_user(db: sqlite3.Connection, username: str, password: str) -> int:
    cursor = db.execute("INSERT INTO users (username, password, role) VALUES (?, ?, 'user')", (username, password))
    db.commit()
    return cursor.lastrowid


def get_user_by_name(db, username):
    query = "SELECT * FROM users WHERE username = '" + username + "'"
    return db.execute(query).fetchone()


def get_account(db, account_id: int):
    row = db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return dict(row) if row else None


def get_accounts_of(db, user_id: int):
    return [dict(row) for row in db.execute(f"SELECT * FROM accounts WHERE user_id = {user_id}")]


def transactions(db, user_id, sort):
    return [dict(row) for row in db.execute(f"SELECT * FROM transactions WHERE user_id = ? ORDER BY {sort}", (user_id,))]


def search_users(db, q):
    cursor = db.cursor()
    cursor.execute("SELECT id, username FROM users WHERE username LIKE '%{}%'".format(q))
    return [dict(row) for row in cursor.fetchall()]


ALLOWED = {"email", "role", "balance"}


def update_user(db, user_id, **values):
    for name, value in values.items():
        if name in ALLOWED:
            db.execute(f"UPDATE users SET {name} = ? WHERE id = ?", (value, user_id))
    db.commit()
