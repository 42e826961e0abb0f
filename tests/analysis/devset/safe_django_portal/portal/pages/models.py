import bleach
import markdown
from django.conf import settings
from django.db import models
from django.utils.html import escape
from django.utils.safestring import mark_safe


class Page(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    source = models.TextField()
    body_html = models.TextField(editable=False)
    published = models.BooleanField(default=False)

    def save(self, *args, **kwargs):
        self.body_html = bleach.clean(markdown.markdown(self.source), tags=bleach.ALLOWED_TAGS)
        super().save(*args, **kwargs)

    @property
    def link(self):
        return mark_safe('<a href="/pages/%s/">%s</a>' % (escape(self.slug), escape(self.title)))


class Note(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField()
