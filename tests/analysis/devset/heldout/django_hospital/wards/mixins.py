from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin

from wards.models import Patient


class OwnPatientsMixin(LoginRequiredMixin):
    """Patients of the wards that one works on, and no others."""

    model = Patient

    def get_queryset(self):
        return Patient.objects.visible_to(self.request.user)


class DoctorMixin(PermissionRequiredMixin):
    permission_required = "wards.change_patient"
