def balance(db, account_id):
    return db.execute("SELECT balance FROM accounts WHERE id = ?", (account_id,)).fetchone()[0]


def transfer_money(db, source, target, amount):
    if balance(db, source) >= amount:
        db.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, source))
        db.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, target))
        db.commit()
    else:
        raise ValueError("insufficient funds")
