from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from .models import Attachment, Page


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    list_display = ["title", "shown", "linked"]

    def shown(self, obj):
        return mark_safe("<a href='/page/%s'>%s</a>" % (obj.pk, obj.title))

    def linked(self, obj):
        return format_html("<a href='/page/{}'>{}</a>", obj.pk, obj.title)
