import logging

from django.core.cache import cache
from django.http import HttpResponse

from wards.models import Audit

log = logging.getLogger("audit")


class AuditMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            Audit.objects.create(user=request.user, path=request.path[:300])
        return response


class LockoutMiddleware:
    """Ten failed logins from one address, and it waits."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        key = f"lockout:{request.META['REMOTE_ADDR']}"
        if request.path == "/login/" and cache.get(key, 0) >= 10:
            return HttpResponse("Too many attempts", status=429)
        response = self.get_response(request)
        if request.path == "/login/" and request.method == "POST" and response.status_code == 200:
            cache.set(key, cache.get(key, 0) + 1, 600)
        return response
