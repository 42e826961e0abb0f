from django.conf import settings
from django.db import models
from django.db.models import Q


class Ward(models.Model):
    name = models.CharField(max_length=80)
    staff = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="wards")


class PatientQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(ward__staff=user)

    def matching(self, text):
        return self.filter(Q(name__icontains=text) | Q(number=text))

    def ordered(self, column):
        return self.extra(select={"rank": f"row_number() OVER (ORDER BY {column})"})


class Patient(models.Model):
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="patients")
    diagnosis = models.TextField(blank=True)
    discharged = models.BooleanField(default=False)

    objects = PatientQuerySet.as_manager()

    def __str__(self):
        return self.number


class Audit(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    path = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)
