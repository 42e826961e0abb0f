import marshal
import os
import pickle
import subprocess

from celery import Celery
from jinja2 import Environment, FileSystemLoader
from jinja2.sandbox import SandboxedEnvironment

celery = Celery("desk", broker=os.environ.get("DESK_BROKER", "redis://localhost"))
celery.conf.update(task_serializer="pickle", accept_content=["pickle", "json"])
pages = Environment(loader=FileSystemLoader("pages"))


def restored(kept):
    return pickle.loads(kept) if kept else None


@celery.task
def convert(name, target="pdf"):
    subprocess.run(f"soffice --convert-to {target} '{name}'", shell=True, check=True)


@celery.task
def count(name):
    return subprocess.run(["wc", "-l", "--", name], capture_output=True, text=True, check=True).stdout


@celery.task
def letter(template, **values):
    return Environment().from_string(template).render(**values)


@celery.task
def greeting(template, **values):
    return SandboxedEnvironment().from_string(template).render(**values)
