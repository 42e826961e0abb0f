"""Headers of mails; those of answers stand with the frameworks that do not refuse line breaks themselves.

Flask, Django, aiohttp and Tornado refuse them.
"""

from server.analysis.flow.models import Danger, Model, Sanitizer, Sink
from server.analysis.flow.rules import MAIL_INJECTION
from server.analysis.flow.words import of_each, under

MODELS: tuple[Model, ...] = (
    Sink(
        of_each(("smtplib.SMTP", "smtplib.SMTP_SSL"), "sendmail"),
        Danger.MAIL,
        MAIL_INJECTION,
        args=(2, "msg"),
        text=r"(?:^|\n)\s*(?:subject|to|from|cc|bcc|reply-to)\s*:",
    ),
    Sink(
        ("*.sendmail",), Danger.MAIL, MAIL_INJECTION, args=(2, "msg"), text=r"(?:^|\n)\s*(?:subject|to|from|b?cc)\s*:"
    ),
    Sanitizer(
        under("http.cookies", "SimpleCookie.output Morsel.output Morsel.OutputString"), frozenset({Danger.HEADER})
    ),
    Sanitizer(("email.header.Header", "email.utils.formataddr", "email.utils.parseaddr"), frozenset({Danger.MAIL})),
)
