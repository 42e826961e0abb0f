import subprocess
import urllib.request
import xml.etree.ElementTree as ET
import xml.sax

import yaml
from celery import Celery, shared_task

app = Celery("cms", broker="redis://localhost/0")
app.conf.update(
    task_serializer="pickle",
    accept_content=["pickle", "json"],
)


@shared_task
def fetch_feed(site_id):
    from .models import Site

    site = Site.objects.get(pk=site_id)
    with urllib.request.urlopen(site.feed_url) as answer:
        return ET.fromstring(answer.read()).findtext("title")


@shared_task
def make_pdf(page_id, options):
    subprocess.call(f"wkhtmltopdf {options} http://localhost/page/{page_id} /tmp/{page_id}.pdf", shell=True)


@shared_task
def import_settings(text):
    return yaml.load(text, Loader=yaml.FullLoader)


@shared_task
def resize(path, width):
    subprocess.check_call(["mogrify", "-resize", str(int(width)), "--", path])
