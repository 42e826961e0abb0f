import pickle

import yaml
from django.core.management.base import BaseCommand

from clubs.models import Member


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, **options):
        with open(options["file"]) as source:
            rows = yaml.safe_load(source)
        for row in rows:
            Member.objects.create(club_id=row["club"], person_id=row["person"], fee=row["fee"])
