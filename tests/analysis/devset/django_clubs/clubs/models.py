from django.contrib.auth import get_user_model
from django.db import models

User = get_user_model()


class ClubQuerySet(models.QuerySet):
    def near(self, place):
        return self.extra(where=[f"town = '{place}'"])

    def of(self, person):
        return self.filter(owner=person)

    def ranked(self, column):
        return self.raw("SELECT * FROM clubs_club ORDER BY %s" % column)

    def named(self, name):
        return self.raw("SELECT * FROM clubs_club WHERE name = %s", [name])


class Club(models.Model):
    name = models.CharField(max_length=80)
    town = models.CharField(max_length=80)
    about = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    objects = ClubQuerySet.as_manager()


class Member(models.Model):
    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    person = models.ForeignKey(User, on_delete=models.CASCADE)
    is_trainer = models.BooleanField(default=False)
    fee = models.DecimalField(max_digits=8, decimal_places=2)
    card_number = models.CharField(max_length=19)
    door_pin = models.CharField(max_length=128)


class Note(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    text = models.TextField()


class Payment(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    settled = models.BooleanField(default=False)


class Invitation(models.Model):
    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    mail = models.EmailField()
    token = models.CharField(max_length=64)
    used = models.BooleanField(default=False)
