import hashlib
import random
import string

from werkzeug.security import check_password_hash, generate_password_hash


def fingerprint(text):
    return hashlib.sha1(text.encode()).hexdigest()


def seal(password):
    return fingerprint("lettings" + password)


def matches(row, password):
    if row["scheme"] == "new":
        return check_password_hash(row["password"], password)
    return row["password"] == seal(password)


def renewed(password):
    return generate_password_hash(password)


def reset_code(length=6):
    return "".join(random.choice(string.digits) for _ in range(length))


def photo_name(suffix):
    return "".join(random.choices(string.ascii_lowercase, k=8)) + suffix
