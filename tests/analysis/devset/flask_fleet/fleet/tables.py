from fleet.database import Repository, connection


class Users(Repository):
    table = "users"
    columns = ("name", "email", "password_hash", "role", "company_id")

    @classmethod
    def by_email(cls, email: str) -> dict | None:
        return connection().execute("SELECT * FROM users WHERE email = %s", (email.lower(),)).fetchone()


class Cars(Repository):
    table = "cars"
    columns = ("name", "plate", "owner_id", "mileage", "photo")


class Drivers(Repository):
    table = "drivers"
    columns = ("name", "licence", "owner_id")


class Trips(Repository):
    table = "trips"
    columns = ("car_id", "driver_id", "owner_id", "start", "stop", "kilometres", "purpose")

    @classmethod
    def between(cls, owner: int, first: str, last: str) -> list[dict]:
        sql = "SELECT * FROM trips WHERE owner_id = %s AND start >= %s AND stop <= %s ORDER BY start"
        return connection().execute(sql, (owner, first, last)).fetchall()

    @classmethod
    def with_purpose(cls, owner: int, purpose: str) -> list[dict]:
        sql = "SELECT * FROM trips WHERE owner_id = " + str(owner) + " AND purpose = '" + purpose + "'"
        return connection().execute(sql).fetchall()


class Invoices(Repository):
    table = "invoices"
    columns = ("number", "owner_id", "total_cents", "paid")
