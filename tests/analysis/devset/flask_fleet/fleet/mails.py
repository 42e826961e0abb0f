import os
import smtplib
import ssl
import threading
from email.message import EmailMessage
from queue import SimpleQueue

QUEUE: SimpleQueue = SimpleQueue()


def send_later(to: str, subject: str, text: str) -> None:
    QUEUE.put((to, subject, text))


def work() -> None:
    while True:
        to, subject, text = QUEUE.get()
        message = EmailMessage()
        message["To"], message["Subject"], message["From"] = to, subject, "fleet@example.org"
        message.set_content(text)
        with smtplib.SMTP_SSL(os.environ["FLEET_SMTP"], context=ssl.create_default_context()) as smtp:
            smtp.login("fleet", os.environ["FLEET_SMTP_PASSWORD"])
            smtp.send_message(message)


def start() -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True, name="mails")
    thread.start()
    return thread
