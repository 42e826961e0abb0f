from django import template
from django.utils.html import format_html
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag(takes_context=True)
def sort_link(context, field, label):
    query = context["request"].GET.copy()
    query["sort"] = field
    return format_html('<a href="?{}">{}</a>', urlencode(query), label)
