import secrets

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import DeleteView, DetailView, ListView, TemplateView, UpdateView

from portal.pages.forms import AvatarForm, NoteForm
from portal.pages.models import Note, Page

FLAGS = ("published",)


class Home(TemplateView):
    template_name = "home.html"


class PageView(DetailView):
    queryset = Page.objects.filter(published=True)


class PageDelete(DeleteView):
    model = Page
    success_url = "/"


@require_POST
def publish(request, slug):
    page = get_object_or_404(Page, slug=slug)
    action = request.POST.get("action", "published")
    if action not in FLAGS:
        return HttpResponseBadRequest("no such action")
    setattr(page, action, True)
    page.save()
    return redirect("page", slug=page.slug)


class Search(ListView):
    template_name = "search.html"

    def get_queryset(self):
        return Page.objects.filter(published=True, title__icontains=self.request.GET.get("q", ""))


class MyNote(UpdateView):
    form_class = NoteForm
    success_url = "/"

    def get_queryset(self):
        return Note.objects.filter(owner=self.request.user)


def draft(request):
    if request.method == "POST":
        request.session[settings.PORTAL_DRAFT_SESSION_KEY] = request.POST.get("text", "")[:10_000]
    return JsonResponse({"text": request.session.get(settings.PORTAL_DRAFT_SESSION_KEY, "")})


def back(request):
    target = request.POST.get("next") or request.META.get("HTTP_REFERER")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("home")


@require_POST
def language(request):
    response = redirect(back(request))
    response.set_cookie("language", request.POST.get("language", "en")[:5], secure=True, httponly=True, samesite="Lax")
    return response


@require_POST
def avatar(request):
    form = AvatarForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    name = default_storage.save(f"avatars/{request.user.pk}-{secrets.token_hex(4)}.png", form.cleaned_data["image"])
    return JsonResponse({"name": name})
