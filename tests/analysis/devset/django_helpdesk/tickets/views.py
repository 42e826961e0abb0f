import logging
import os

import yaml
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required, user_passes_test
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connection
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import DetailView

from .forms import TicketForm
from .models import Ticket
from .services import convert_to_pdf, run_report

logger = logging.getLogger(__name__)


@login_required
def index(request):
    tickets = Ticket.objects.filter(owner=request.user)
    return render(request, "tickets/index.html", {"tickets": tickets})


def log_in(request):
    if request.method == "POST":
        user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
        if user is not None:
            login(request, user)
            target = request.GET.get("next", "/")
            if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
                return redirect(target)
            return redirect("index")
        logger.warning("failed login for %s with %s", request.POST["username"], request.POST["password"])
        messages.error(request, "Please check your entries")
    return render(request, "tickets/login.html")


class TicketDetail(LoginRequiredMixin, DetailView):
    model = Ticket
    template_name = "tickets/detail.html"


@login_required
def create(request):
    form = TicketForm(request.POST or None)
    if form.is_valid():
        ticket = form.save(commit=False)
        ticket.owner = request.user
        ticket.save()
        return redirect("ticket", pk=ticket.pk)
    return render(request, "tickets/form.html", {"form": form})


@login_required
def edit(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk)
    form = TicketForm(request.POST or None, instance=ticket)
    if form.is_valid():
        form.save()
        return redirect("ticket", pk=pk)
    return render(request, "tickets/form.html", {"form": form})


@login_required
@require_POST
def close(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk, owner=request.user)
    ticket.status = Ticket.CLOSED
    ticket.save(update_fields=["status"])
    return redirect("index")


@csrf_exempt
def delete(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk)
    ticket.delete()
    return redirect("index")


@login_required
def search(request):
    q = request.GET.get("q", "")
    by = request.GET.get("by", "subject")
    if by == "subject":
        found = Ticket.objects.filter(Q(subject__icontains=q) | Q(body__icontains=q), owner=request.user)
        return render(request, "tickets/results.html", {"tickets": found, "q": q})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, subject FROM tickets_ticket WHERE {by} = '{q}'")
        rows = cursor.fetchall()
    if not rows:
        return HttpResponse("<p>No tickets for <em>%s</em></p>" % q)
    return HttpResponse("<br>".join(escape(subject) for _, subject in rows))


def go(request):
    url = request.GET["url"]
    logger.info("leaving to %s", url)
    return HttpResponseRedirect(url)


@login_required
def attachment(request):
    name = request.GET.get("name", "")
    path = os.path.join(settings.MEDIA_ROOT, "attachments", name)
    if not os.path.isfile(path):
        raise Http404
    return FileResponse(open(path, "rb"))


@user_passes_test(lambda user: user.is_staff)
def report(request):
    kind = request.GET.get("kind", "daily")
    columns = request.GET.getlist("columns")
    output = run_report(kind, columns)
    return HttpResponse(output, content_type="text/plain")


@user_passes_test(lambda user: user.is_staff)
def import_tickets(request):
    if request.method == "POST":
        entries = yaml.load(request.FILES["file"].read(), Loader=yaml.Loader)
        for entry in entries:
            Ticket.objects.create(owner=request.user, subject=entry["subject"], body=entry["body"])
        return redirect("index")
    return render(request, "tickets/import.html")


@user_passes_test(lambda user: user.is_staff)
def pdf(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk)
    return HttpResponse(convert_to_pdf(ticket.body), content_type="application/pdf")
