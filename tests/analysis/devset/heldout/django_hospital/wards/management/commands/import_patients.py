import csv
import pickle

from django.core.management.base import BaseCommand

from wards.models import Patient, Ward


class Command(BaseCommand):
    help = "Imports patients of the old system"

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--state", default="import.state")

    def handle(self, *args, **options):
        with open(options["file"], newline="") as source:
            for row in csv.DictReader(source):
                ward, _ = Ward.objects.get_or_create(name=row["ward"])
                Patient.objects.update_or_create(number=row["number"], defaults={"name": row["name"], "ward": ward})
        with open(options["state"], "wb") as state:
            pickle.dump(Patient.objects.count(), state)
        self.stdout.write("done")
