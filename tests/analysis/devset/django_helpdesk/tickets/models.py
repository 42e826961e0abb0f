from django.contrib.auth.models import User
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import mark_safe


class Ticket(models.Model):
    OPEN, CLOSED = "open", "closed"
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tickets")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    status = models.CharField(max_length=10, default=OPEN)
    priority = models.IntegerField(default=3)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.subject

    def badge(self):
        return format_html('<span class="badge {}">{}</span>', self.status, self.subject)

    def body_as_html(self):
        return mark_safe("<p>" + self.body.replace("\n", "</p><p>") + "</p>")


class Attachment(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)


class ApiClient(models.Model):
    name = models.CharField(max_length=50)
    api_secret = models.CharField(max_length=100)
