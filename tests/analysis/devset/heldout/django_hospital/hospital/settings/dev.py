from .base import *  # noqa: F403

DEBUG = True
ALLOWED_HOSTS = ["localhost"]
SECRET_KEY = "dev-only"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
