import json
import hmac
import hashlib
import os

import requests
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from .models import Ticket
from .services import archive, matching

HOOK_SECRET = os.environ.get("HOOK_SECRET", "")


def ticket_list(request):
    if not request.user.is_authenticated:
        return JsonResponse({"error": "login"}, status=401)
    tickets = matching(request.GET.get("q", ""))
    return JsonResponse({"tickets": [{"id": t.id, "subject": t.subject} for t in tickets]})


def ticket_detail(request, pk):
    ticket = Ticket.objects.get(pk=pk)
    return JsonResponse({"id": ticket.id, "subject": ticket.subject, "body": ticket.body, "owner": ticket.owner.email})


def export(request):
    if not request.user.is_staff:
        return JsonResponse({"error": "staff only"}, status=403)
    archive(request.GET["name"])
    return JsonResponse({"ok": True})


@csrf_exempt
def hook(request):
    expected = hmac.new(HOOK_SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return HttpResponse(status=403)
    event = json.loads(request.body)
    try:
        details = requests.get(event["details_url"], timeout=5).json()
    except Exception as error:
        return JsonResponse({"error": repr(error)}, status=500)
    Ticket.objects.filter(pk=event["ticket"]).update(status=details["status"])
    return HttpResponse(status=204)
