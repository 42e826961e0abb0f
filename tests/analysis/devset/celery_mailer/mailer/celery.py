import os

from celery import Celery

app = Celery("mailer", broker="amqp://guest:guest@rabbit:5672//", backend="redis://redis:6379/0", include=["mailer.tasks"])
app.conf.update(
    task_serializer="pickle",
    accept_content=["pickle", "json"],
    result_expires=3600,
)
