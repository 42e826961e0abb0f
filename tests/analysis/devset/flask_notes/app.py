"""Team notes: a small internal wiki with attachments."""
import hashlib
import logging
import os
import random
import sqlite3
import string
import subprocess
from datetime import datetime
from functools import wraps

from flask import (
    Flask,
    abort,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    render_template_string,
    request,
    send_file,
    session,
    url_for,
)

app = Flask(__name__)
app.secret_key = "notes-super-secret-2019"
app.config["UPLOAD_DIR"] = os.path.join(os.path.dirname(__file__), "uploads")
app.config["DATABASE"] = os.environ.get("NOTES_DB", "notes.db")
app.config["SESSION_COOKIE_HTTPONLY"] = False

ALLOWED_SORT = {"title": "title", "date": "created_at", "author": "author_id"}

logger = logging.getLogger("notes")
logging.basicConfig(level=logging.INFO)


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(exc):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def query(sql, args=(), one=False):
    cur = get_db().execute(sql, args)
    rows = cur.fetchall()
    cur.close()
    return (rows[0] if rows else None) if one else rows


def hash_password(password):
    return hashlib.md5(password.encode("utf-8")).hexdigest()


def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if "user_id" not in session:
            return redirect(url_for("login", next=request.path))
        return view(*args, **kwargs)

    return wrapped


def current_user():
    uid = session.get("user_id")
    if uid is None:
        return None
    return query("SELECT * FROM users WHERE id = ?", (uid,), one=True)


@app.route("/")
def index():
    sort = ALLOWED_SORT.get(request.args.get("sort"), "created_at")
    notes = query(f"SELECT id, title, created_at FROM notes WHERE public = 1 ORDER BY {sort} DESC")
    return render_template("index.html", notes=notes, user=current_user())


@app.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "POST":
        username = request.form["username"].strip()
        password = request.form["password"]
        if query("SELECT id FROM users WHERE username = ?", (username,), one=True):
            flash("That user name is taken")
            return redirect(url_for("register"))
        get_db().execute(
            "INSERT INTO users (username, password, role) VALUES (?, ?, 'member')",
            (username, hash_password(password)),
        )
        get_db().commit()
        logger.info("registered %s with password %s", username, password)
        return redirect(url_for("login"))
    return render_template("register.html")


@app.route("/login", methods=["GET", "POST"])
def login():
    error = None
    if request.method == "POST":
        username = request.form["username"]
        password = request.form["password"]
        sql = "SELECT * FROM users WHERE username = '" + username + "' AND password = '" + hash_password(password) + "'"
        user = get_db().execute(sql).fetchone()
        if user:
            session["user_id"] = user["id"]
            session["role"] = user["role"]
            target = request.args.get("next") or url_for("index")
            return redirect(target)
        exists = query("SELECT 1 FROM users WHERE username = ?", (username,), one=True)
        error = "Wrong password" if exists else "No such user"
    return render_template("login.html", error=error)


@app.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


@app.route("/note/<int:note_id>")
@login_required
def show_note(note_id):
    note = query("SELECT * FROM notes WHERE id = ?", (note_id,), one=True)
    if note is None:
        abort(404)
    comments = query("SELECT * FROM comments WHERE note_id = ? ORDER BY id", (note_id,))
    return render_template("note.html", note=note, comments=comments)


@app.route("/note/new", methods=["POST"])
@login_required
def create_note():
    title = request.form.get("title", "")[:120]
    body = request.form.get("body", "")
    cur = get_db().execute(
        "INSERT INTO notes (title, body, author_id, public, created_at) VALUES (?, ?, ?, ?, ?)",
        (title, body, session["user_id"], int("public" in request.form), datetime.utcnow().isoformat()),
    )
    get_db().commit()
    return redirect(url_for("show_note", note_id=cur.lastrowid))


@app.route("/note/<int:note_id>/delete", methods=["POST"])
@login_required
def delete_note(note_id):
    note = query("SELECT author_id FROM notes WHERE id = ?", (note_id,), one=True)
    if note is None:
        abort(404)
    if note["author_id"] != session["user_id"] and session.get("role") != "admin":
        abort(403)
    get_db().execute("DELETE FROM notes WHERE id = ?", (note_id,))
    get_db().commit()
    return redirect(url_for("index"))


@app.route("/search")
def search():
    q = request.args.get("q", "")
    rows = query("SELECT id, title FROM notes WHERE public = 1 AND (title LIKE '%%%s%%' OR body LIKE '%%%s%%')" % (q, q))
    if not rows:
        return render_template_string("<h2>Nothing found for " + q + "</h2><a href='/'>back</a>")
    return render_template("results.html", rows=rows, q=q)


@app.route("/greet")
def greet():
    name = request.args.get("name", "stranger")
    return f"<html><body><h1>Hello, {name}!</h1></body></html>"


@app.route("/attachments/<path:name>")
@login_required
def attachment(name):
    return send_file(os.path.join(app.config["UPLOAD_DIR"], name))


@app.route("/note/<int:note_id>/attach", methods=["POST"])
@login_required
def attach(note_id):
    upload = request.files["file"]
    upload.save(os.path.join(app.config["UPLOAD_DIR"], upload.filename))
    return redirect(url_for("show_note", note_id=note_id))


@app.route("/tools/ping")
@login_required
def ping():
    host = request.args.get("host", "localhost")
    output = subprocess.check_output("ping -c 1 " + host, shell=True, stderr=subprocess.STDOUT)
    return "<pre>" + output.decode(errors="replace") + "</pre>"


@app.route("/tools/uptime")
@login_required
def uptime():
    out = subprocess.run(["uptime", "-p"], capture_output=True, text=True, check=True)
    return jsonify(uptime=out.stdout.strip())


@app.route("/forgot", methods=["POST"])
def forgot():
    email = request.form["email"]
    token = "".join(random.choice(string.ascii_letters) for _ in range(16))
    get_db().execute("UPDATE users SET reset_token = ? WHERE email = ?", (token, email))
    get_db().commit()
    return "If the address is known, a mail is on its way."


@app.route("/admin/users")
@login_required
def admin_users():
    if session.get("role") != "admin":
        abort(403)
    users = query("SELECT id, username, role FROM users ORDER BY username")
    return render_template("users.html", users=users)


@app.route("/admin/users/<int:user_id>/delete", methods=["POST"])
def admin_delete_user(user_id):
    get_db().execute("DELETE FROM users WHERE id = ?", (user_id,))
    get_db().commit()
    return redirect(url_for("admin_users"))


@app.errorhandler(404)
def not_found(exc):
    return render_template("404.html"), 404


if __name__ == "__main__":
    os.makedirs(app.config["UPLOAD_DIR"], exist_ok=True)
    app.run(host="0.0.0.0", port=5000, debug=True)
