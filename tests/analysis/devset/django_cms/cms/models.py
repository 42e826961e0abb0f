import os
import pickle
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from django.utils.safestring import mark_safe

from . import tasks


class User(AbstractUser):
    api_token = models.CharField(max_length=40, blank=True)
    site = models.ForeignKey("Site", null=True, on_delete=models.SET_NULL)


def upload_to(instance, filename):
    return os.path.join("attachments", str(instance.page_id), uuid.uuid4().hex)


class Site(models.Model):
    name = models.CharField(max_length=100)
    domain = models.CharField(max_length=200)
    feed_url = models.URLField()


class Page(models.Model):
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=200)
    body = models.TextField()
    css = models.TextField(blank=True)
    layout = models.CharField(max_length=200, default="default.html")

    @property
    def html(self):
        return mark_safe(self.body)

    def preview(self):
        return self.body[:100]


class Attachment(models.Model):
    page = models.ForeignKey(Page, on_delete=models.CASCADE)
    file = models.FileField(upload_to=upload_to)
    name = models.CharField(max_length=200)


@receiver(post_save, sender=Site)
def refresh(sender, instance, **kwargs):
    tasks.fetch_feed.delay(instance.pk)


@receiver(pre_delete, sender=Attachment)
def remove(sender, instance, **kwargs):
    os.unlink(instance.file.path)
