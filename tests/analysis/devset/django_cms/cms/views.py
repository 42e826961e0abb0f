import json
import os
import re
from pathlib import Path
from wsgiref.util import FileWrapper

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required, permission_required, user_passes_test
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin, UserPassesTestMixin
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context, Engine, Template, loader
from django.urls import reverse
from django.utils.html import escape, format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import CreateView, DeleteView, DetailView, FormView, RedirectView, TemplateView, UpdateView

from . import tasks
from .forms import AttachmentForm, CommentForm, PageForm, SignUpForm
from .models import Attachment, Page, Site, User


class PageView(DetailView):
    model = Page

    def get_template_names(self):
        return ["cms/" + self.request.GET.get("layout", self.object.layout)]


class PageCreate(LoginRequiredMixin, CreateView):
    model = Page
    form_class = PageForm


class PageUpdate(LoginRequiredMixin, UpdateView):
    model = Page
    form_class = PageForm


class PageDelete(LoginRequiredMixin, UserPassesTestMixin, DeleteView):
    model = Page

    def test_func(self):
        return self.get_object().author == self.request.user


class OwnPages(LoginRequiredMixin, TemplateView):
    template_name = "cms/own.html"

    def get_context_data(self, **kwargs):
        return {"pages": Page.objects.filter(author=self.request.user)}


class Leave(RedirectView):
    def get_redirect_url(self, *args, **kwargs):
        return self.request.GET.get("url", "/")


class Contact(FormView):
    form_class = CommentForm

    def form_valid(self, form):
        return HttpResponse("<p>Thanks, %s</p>" % form.cleaned_data["name"])


class SafeContact(FormView):
    form_class = CommentForm

    def form_valid(self, form):
        return HttpResponse(format_html("<p>Thanks, {}</p>", form.cleaned_data["name"]))


class SignUp(FormView):
    form_class = SignUpForm

    def form_valid(self, form):
        user = form.save(commit=False)
        user.set_password(form.cleaned_data["password"])
        user.save()
        login(self.request, user)
        return redirect("home")


def popular(request):
    order = request.GET.get("order", "views")
    pages = Page.objects.annotate(rank=RawSQL("SELECT %s FROM cms_stats" % order, []))
    return render(request, "cms/list.html", {"pages": pages})


def by_author(request, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM cms_page WHERE author = '" + name + "'")
        return JsonResponse({"pages": cursor.fetchall()})


def by_author_bound(request, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM cms_page WHERE author = %s", [name])
        return JsonResponse({"pages": cursor.fetchall()})


@csrf_exempt
def webhook(request):
    data = json.loads(request.body)
    tasks.make_pdf.delay(data["page"], data.get("options", ""))
    return HttpResponse(status=202)


def render_snippet(request):
    template = Template("{% load cms_tags %}" + request.POST["snippet"])
    return HttpResponse(template.render(Context({"user": request.user})))


@login_required
def attachment(request, pk):
    found = get_object_or_404(Attachment, pk=pk)
    response = HttpResponse(FileWrapper(found.file), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@login_required
def media(request, path):
    full = os.path.join(settings.MEDIA_ROOT, path)
    if not os.path.exists(full):
        raise Http404
    return HttpResponse(open(full, "rb").read(), content_type="image/png")


@login_required
def media_stored(request, path):
    with default_storage.open(path) as handle:
        return HttpResponse(handle.read(), content_type="image/png")


@staff_member_required
def purge(request):
    cache.delete(request.GET["key"])
    return redirect("admin:index")


def promote(request, user_id):
    user = User.objects.get(pk=user_id)
    user.is_staff = True
    user.save()
    return redirect(reverse("user", args=[user_id]))


@user_passes_test(lambda u: u.is_superuser)
def demote(request, user_id):
    User.objects.filter(pk=user_id).update(is_staff=False)
    return redirect(reverse("user", args=[user_id]))


def export(request):
    fields = request.GET.getlist("field") or ["id"]
    rows = Page.objects.values_list(*fields)
    return JsonResponse(list(rows), safe=False)


def token_login(request):
    user = User.objects.filter(api_token=request.GET.get("token", "")).first()
    if user:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("/")


def jsonp(request):
    callback = request.GET.get("callback", "cb")
    return HttpResponse(f"{callback}({json.dumps({'ok': True})})", content_type="application/javascript")


def highlight(request):
    try:
        pattern = re.compile(request.GET["q"])
    except re.error:
        return HttpResponseBadRequest("bad pattern")
    return JsonResponse({"hits": [p.pk for p in Page.objects.all() if pattern.search(p.body)]})
