import html
import re


def to_html(text):
    out = []
    for line in text.splitlines():
        line = html.escape(line)
        line = re.sub(r"\*(.+?)\*", r"<b>\1</b>", line)
        out.append("<p>" + line + "</p>")
    return "\n".join(out)
