from django import forms

from wards.models import Patient


class PatientForm(forms.ModelForm):
    class Meta:
        model = Patient
        fields = ["name", "ward", "diagnosis"]


class StatisticsForm(forms.Form):
    first = forms.DateField()
    last = forms.DateField()
    group = forms.ChoiceField(choices=[("ward", "Ward"), ("doctor", "Doctor")])
