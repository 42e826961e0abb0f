import os

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .models import Book

IMAGES = {".png", ".jpg"}


def books(request):
    rows = Book.objects.published().near(request.GET.get("place", ""))
    return JsonResponse([row.title for row in rows], safe=False)


def lookup(request):
    rows = Book.objects.filter(**{key: value for key, value in request.GET.items()})
    return JsonResponse([row.title for row in rows], safe=False)


def one(request):
    book = get_object_or_404(Book.objects.published(), pk=request.GET.get("id"))
    return JsonResponse({"title": book.title})


@login_required
def cover(request):
    sent = request.FILES["file"]
    ending = os.path.splitext(sent.name)[1].lower()
    if ending not in IMAGES or sent.size > 2_000_000:
        return HttpResponseBadRequest("only small images")
    with open(os.path.join(settings.MEDIA_ROOT, f"{request.user.pk}{ending}"), "wb") as out:
        out.write(sent.read())
    return HttpResponse("ok")


class Vote(View):
    @method_decorator(csrf_exempt)
    def dispatch(self, *args, **kwargs):
        return super().dispatch(*args, **kwargs)

    def post(self, request):
        book = get_object_or_404(Book.objects.published(), pk=request.POST["id"])
        book.votes.add(request.user)
        return HttpResponse("ok")


class Impersonate(View):
    def get(self, request, user_id):
        user = get_object_or_404(get_user_model(), pk=user_id)
        login(request, user)
        return redirect("/")
