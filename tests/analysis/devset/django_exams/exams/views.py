import os
import random
import subprocess
import tempfile
from xml.etree import ElementTree

import openpyxl
from defusedxml import ElementTree as SafeTree
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required, permission_required
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import Answer, Exam, Paper, Person


def examiner_required(view):
    def wrapped(request, *args, **kwargs):
        if not request.user.is_authenticated or not request.user.is_examiner:
            return HttpResponseForbidden()
        return view(request, *args, **kwargs)

    return wrapped


@csrf_exempt
def sign_in(request):
    if request.method == "POST":
        person = authenticate(
            request, matriculation=request.POST["matriculation"], password=request.POST["password"]
        )
        if person is not None:
            login(request, person, backend="exams.backends.MatriculationBackend")
            return redirect(request.GET.get("next") or "/")
        messages.error(request, "Wrong number or password")
    return render(request, "exams/login.html")


@login_required
def paper(request, number):
    found = get_object_or_404(Paper, pk=number)
    return render(request, "exams/paper.html", {"paper": found})


@login_required
def grade(request, number):
    found = Paper.objects.get(pk=number)
    found.points = request.POST["points"]
    found.remark = request.POST.get("remark", "")
    found.save()
    return redirect(f"/papers/{number}/")


@login_required
def download(request, number):
    found = get_object_or_404(Paper, pk=number, student=request.user)
    return FileResponse(found.scan.open())


def search(request):
    q = request.GET.get("q", "")
    exams = Exam.objects.filter(title__icontains=q)
    order = request.GET.get("by")
    averages = Exam.averages(order) if order else []
    heading = SafeString(f"<h2>Exams with {q}</h2>")
    return render(request, "exams/search.html", {"exams": exams, "heading": heading, "averages": averages})


def student(request, pk):
    person = get_object_or_404(Person, pk=pk)
    return JsonResponse({"name": person.get_full_name(), "mail": person.email, "matriculation": person.matriculation})


@login_required
def me(request):
    return JsonResponse({"mail": request.user.email})


def forward(request):
    target = request.GET["to"]
    if not target.startswith("https://exams.example"):
        raise Http404
    return redirect(target)


@examiner_required
@require_POST
def import_questions(request):
    upload = request.FILES["file"]
    if upload.name.endswith(".xml"):
        tree = ElementTree.parse(upload)
        safe = SafeTree.fromstring(b"<a/>")
        return JsonResponse({"count": len(tree.getroot()), "known": len(safe)})
    book = openpyxl.load_workbook(upload)
    rows = [[cell.value for cell in row] for row in book.active]
    path = os.path.join("/srv/exams/imports", upload.name)
    with open(path, "wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return JsonResponse({"rows": len(rows)})


@examiner_required
def sheet(request):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "sheet.tex")
        with open(source, "w") as out:
            out.write(request.POST["tex"])
        subprocess.run(["pdflatex", "-shell-escape", source], cwd=folder, check=False)
        name = request.POST.get("name", "sheet")
        os.system("mv %s/sheet.pdf /srv/exams/sheets/%s.pdf" % (folder, name))
    return HttpResponse(status=204)


@login_required
def preview(request):
    key = f"preview-{request.user.pk}"
    html = cache.get(key)
    if html is None:
        html = "<div>" + request.GET.get("text", "") + "</div>"
        cache.set(key, html, 60)
    return HttpResponse(html)


def room_code():
    return f"{random.randrange(10**6):06d}"
