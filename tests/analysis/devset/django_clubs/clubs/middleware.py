import json
import logging

from django.utils.deprecation import MiddlewareMixin

log = logging.getLogger(__name__)


class ClubMiddleware(MiddlewareMixin):
    def process_request(self, request):
        request.settings = json.loads(request.COOKIES.get("settings", "{}"))
        if request.META.get("HTTP_X_STAFF") == "yes":
            request.user.is_staff = True

    def process_response(self, request, response):
        log.info("answered %s", request.GET.get("q", "").replace("\n", " ").replace("\r", " "))
        theme = request.COOKIES.get("theme", "light")
        response.set_cookie("seen", "1", secure=True, httponly=True, samesite="Lax")
        response.set_cookie("session_hint", request.session.session_key)
        return response
