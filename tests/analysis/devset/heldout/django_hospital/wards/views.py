import json
import subprocess
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DetailView, ListView, UpdateView

from wards.forms import PatientForm, StatisticsForm
from wards.mixins import DoctorMixin, OwnPatientsMixin
from wards.models import Patient, Ward


class WardList(ListView):
    def get_queryset(self):
        return self.request.user.wards.all()


class PatientList(OwnPatientsMixin, ListView):
    paginate_by = 50

    def get_queryset(self):
        found = super().get_queryset().matching(self.request.GET.get("q", ""))
        order = self.request.GET.get("order")
        return found.ordered(order) if order else found.order_by("name")


class PatientDetail(OwnPatientsMixin, DetailView):
    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["title"] = format_html("<h1>{}</h1>", self.object.name)
        context["notes"] = mark_safe(self.object.diagnosis.replace("\n", "<br>"))
        return context


class PatientUpdate(OwnPatientsMixin, DoctorMixin, UpdateView):
    form_class = PatientForm
    success_url = reverse_lazy("patients")


class Discharge(View):
    def post(self, request, pk):
        patient = get_object_or_404(Patient, pk=pk)
        patient.discharged = True
        patient.save(update_fields=["discharged"])
        return redirect("patients")


@login_required
def letter(request, pk):
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    text = render_to_string("wards/letter.txt", {"patient": patient})
    done = subprocess.run(["pandoc", "--to", "pdf"], input=text.encode(), capture_output=True, check=True, timeout=30)
    return HttpResponse(done.stdout, content_type="application/pdf")


@login_required
def scan(request, pk, name):
    get_object_or_404(Patient, pk=pk)
    folder = Path(settings.MEDIA_ROOT) / "scans" / str(pk)
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"))


@permission_required("wards.view_ward")
def statistics(request):
    form = StatisticsForm(request.GET)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    column = {"ward": "ward_id", "doctor": "doctor_id"}[form.cleaned_data["group"]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, count(*) FROM wards_patient WHERE at BETWEEN %s AND %s GROUP BY {column}",
            [form.cleaned_data["first"], form.cleaned_data["last"]],
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM wards_patient WHERE ward_id IN (%s)" % request.GET.get("wards", "0"))
        total = cursor.fetchone()[0]
    return JsonResponse({"rows": rows, "total": total})


@method_decorator(csrf_exempt, name="dispatch")
class LabResult(View):
    def post(self, request):
        body = json.loads(request.body)
        patient = get_object_or_404(Patient, number=body["number"])
        patient.diagnosis += "\n" + strip_tags(body["result"])
        patient.save(update_fields=["diagnosis"])
        if callback := body.get("callback"):
            requests.post(callback, json={"ok": True}, timeout=5)
        return JsonResponse({"ok": True})


@permission_required("wards.export")
def export(request):
    target = Path(settings.MEDIA_ROOT) / "exports" / request.GET["name"]
    target.write_text(json.dumps(list(Patient.objects.values("number", "name"))))
    return redirect("wards")
