from django import forms
from django.core.validators import FileExtensionValidator

from .models import Grade, Homework


class GradeForm(forms.ModelForm):
    class Meta:
        model = Grade
        exclude = ()


class HomeworkForm(forms.ModelForm):
    class Meta:
        model = Homework
        fields = ('file',)


class CheckedHomeworkForm(forms.Form):
    file = forms.FileField(validators=[FileExtensionValidator(['pdf', 'odt'])])
