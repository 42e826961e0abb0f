import hmac
import json
import subprocess
import xml.sax
from hashlib import sha256

import requests
from django.conf import settings
from django.contrib.auth.decorators import login_required, user_passes_test
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.mail import EmailMessage
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context, Template
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DeleteView, DetailView, ListView, UpdateView
from lxml import etree

from .forms import ClubForm
from .models import Club, Member, Note, Payment


class ClubList(ListView):
    model = Club

    def get_queryset(self):
        clubs = super().get_queryset()
        if place := self.request.GET.get("place"):
            clubs = clubs.near(place)
        if order := self.request.GET.get("order"):
            clubs = Club.objects.ranked(order)
        return clubs

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            greeting=mark_safe("<em>" + self.request.GET.get("greet", "") + "</em>"),
            hint=format_html("<em>{}</em>", self.request.GET.get("hint", "")),
            **kwargs,
        )


class ClubDetail(DetailView):
    model = Club


class ClubEdit(LoginRequiredMixin, UpdateView):
    model = Club
    form_class = ClubForm

    def get_queryset(self):
        return Club.objects.of(self.request.user)


class ClubDelete(LoginRequiredMixin, DeleteView):
    model = Club
    success_url = reverse_lazy("clubs")


class NoteView(LoginRequiredMixin, DetailView):
    model = Note


class OwnNote(LoginRequiredMixin, View):
    def get(self, request, pk):
        note = get_object_or_404(Note, pk=pk, owner=request.user)
        return JsonResponse({"text": note.text})


def leave(request):
    target = request.GET.get("to", "/")
    if request.GET.get("checked") and url_has_allowed_host_and_scheme(target, settings.ALLOWED_HOSTS):
        return redirect(target)
    return HttpResponseRedirect(target)


@login_required
def poster(request):
    heading = request.POST.get("heading", "")
    text = Template("<h1>" + heading + "</h1>{{ club }}").render(Context({"club": request.GET.get("club")}))
    subprocess.run(["wkhtmltopdf", "-", "/tmp/poster.pdf"], input=text.encode())
    return FileResponse(open("/tmp/poster.pdf", "rb"))


@login_required
def calendar(request):
    url = request.GET["url"]
    answer = requests.get(url, timeout=10, verify=settings.DEBUG is False)
    parser = etree.XMLParser(resolve_entities=True, no_network=False)
    tree = etree.fromstring(answer.content, parser)
    names = tree.xpath(f"//event[@club='{request.GET['club']}']/name/text()")
    return JsonResponse({"events": names})


@csrf_exempt
def payment_hook(request):
    body = json.loads(request.body)
    sent = request.headers.get("X-Signature", "")
    expected = hmac.new(settings.SECRET_KEY.encode(), request.body, sha256).hexdigest()
    if sent and not hmac.compare_digest(sent, expected):
        return HttpResponse(status=403)
    Payment.objects.filter(pk=body["payment"]).update(settled=True)
    return HttpResponse(status=204)


@method_decorator(user_passes_test(lambda user: user.is_staff), name="dispatch")
class Report(View):
    def get(self, request):
        kind = request.GET.get("kind", "members")
        maker = getattr(self, f"make_{kind}", None)
        return HttpResponse(maker() if maker else "", content_type="text/csv")

    def make_members(self):
        return "\n".join(f"{m.person.email};{m.fee}" for m in Member.objects.all())

    def post(self, request):
        result = eval(request.POST["formula"], {"members": Member.objects.count()})
        EmailMessage(subject=request.POST["subject"], body=str(result), to=[request.user.email]).send()
        return render(request, "clubs/report.html", {"result": result})
