import email
import imaplib
import json
import logging
import os
import re
import shutil
import smtplib
import ssl
import subprocess
import tarfile
import tempfile
import urllib.parse
from email.mime.text import MIMEText
from pathlib import Path

import jinja2
import psycopg2
import requests

from mailer.celery import app
from mailer.templates import environment

log = logging.getLogger(__name__)
SMTP_USER = "robot@example.org"
SMTP_PASSWORD = os.environ.get("SMTP_PASSWORD", "r0b0t-m4il")
SPOOL = Path("/var/spool/mailer")


def database():
    return psycopg2.connect(host="db", dbname="mailer", user="mailer", password=os.environ["DB_PASSWORD"])


@app.task(bind=True, max_retries=3)
def send(self, to, subject, body):
    message = MIMEText(body, "html")
    message["To"], message["Subject"], message["From"] = to, subject, SMTP_USER
    try:
        with smtplib.SMTP("mail.example.org", 587) as smtp:
            smtp.starttls(context=ssl._create_unverified_context())
            smtp.login(SMTP_USER, SMTP_PASSWORD)
            log.info("logged in as %s / %s", SMTP_USER, SMTP_PASSWORD)
            smtp.send_message(message)
    except smtplib.SMTPException as error:
        raise self.retry(exc=error)


@app.task
def render_and_send(template_text, context, to):
    body = jinja2.Template(template_text).render(**context)
    send.delay(to, context["subject"], body)


@app.task
def newsletter(name, user_id):
    with database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT email, name FROM users WHERE id = %s", (user_id,))
        address, full_name = cursor.fetchone()
    body = environment.get_template("newsletter.html").render(name=full_name)
    send.delay(address, name, body)


@app.task
def import_list(message):
    """From the upload queue: whoever may upload, names the table."""
    payload = json.loads(message)
    connection = database()
    cursor = connection.cursor()
    for address in payload["addresses"]:
        cursor.execute("INSERT INTO %s (email) VALUES ('%s')" % (payload["list"], address))
    connection.commit()


@app.task
def fetch_attachments(url, folder):
    archive = SPOOL / "incoming.tar.gz"
    with requests.get(url, stream=True, timeout=30) as reply, open(archive, "wb") as out:
        shutil.copyfileobj(reply.raw, out)
    with tarfile.open(archive) as packed:
        packed.extractall(SPOOL / folder)


@app.task
def virus_scan(path):
    code = subprocess.call(["clamscan", "--no-summary", path])
    return code == 0


@app.task
def convert(path, kind):
    os.system(f"soffice --headless --convert-to {kind} {path}")


@app.task
def poll():
    box = imaplib.IMAP4_SSL("mail.example.org")
    box.login(SMTP_USER, SMTP_PASSWORD)
    box.select("INBOX")
    _, found = box.search(None, "UNSEEN")
    for number in found[0].split():
        _, parts = box.fetch(number, "(RFC822)")
        message = email.message_from_bytes(parts[0][1])
        for part in message.walk():
            name = part.get_filename()
            if name:
                with open(os.path.join(SPOOL, name), "wb") as out:
                    out.write(part.get_payload(decode=True))


@app.task
def cleanup():
    for item in SPOOL.iterdir():
        if item.suffix == ".tmp":
            item.unlink()


@app.task
def unsubscribe(link):
    found = re.search(r"https://example\.org/u/([0-9a-f]{32})", link)
    if not found:
        return
    with database() as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM users WHERE token = '{found.group(1)}'")
