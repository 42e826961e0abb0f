from django.contrib.auth import get_user_model
from django.db import models

from .managers import BookManager


class Book(models.Model):
    title = models.CharField(max_length=100)
    place = models.CharField(max_length=100)
    published = models.BooleanField(default=False)
    owner = models.ForeignKey(get_user_model(), on_delete=models.CASCADE)

    objects = BookManager()
