import pickle
import subprocess
import tarfile
import zipfile

from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("archive")
        parser.add_argument("--table", default="cms_page")

    def handle(self, *args, **options):
        with tarfile.open(options["archive"]) as archive:
            archive.extractall("/srv/import")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE " + options["table"])
        subprocess.run(["tar", "tf", options["archive"]], check=True)
