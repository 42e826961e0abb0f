import markdown as md
from django import template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def markdown(value):
    return mark_safe(md.markdown(value))


@register.filter(is_safe=True)
def linebreaks_plain(value):
    return mark_safe(escape(value).replace("\n", "<br>"))


@register.simple_tag(takes_context=True)
def greeting(context):
    name = context["request"].GET.get("name", "")
    return mark_safe(f"<b>Hello {name}</b>")


@register.filter
def highlight(text, term):
    return mark_safe(text.replace(term, f"<mark>{term}</mark>"))
