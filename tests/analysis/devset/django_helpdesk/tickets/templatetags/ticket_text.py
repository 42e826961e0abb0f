import re

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def linkify(text):
    text = escape(text)
    return mark_safe(re.sub(r"#(\d+)", r'<a href="/ticket/\1/">#\1</a>', text))


@register.filter(is_safe=True)
def highlight(text, word):
    return mark_safe(text.replace(word, "<mark>%s</mark>" % word))
