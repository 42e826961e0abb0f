from django.contrib.auth.models import User
from django.db import models


class Ad(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)
    text = models.TextField()
    price = models.IntegerField(default=0)
    photo = models.CharField(max_length=200, blank=True)


class Message(models.Model):
    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name='+')
    receiver = models.ForeignKey(User, on_delete=models.CASCADE, related_name='+')
    text = models.TextField()
