import os

from django import forms
from django.core.exceptions import ValidationError

from .models import Attachment, Page, User


class PageForm(forms.ModelForm):
    class Meta:
        model = Page
        exclude = ["id"]


class CommentForm(forms.Form):
    name = forms.CharField(max_length=50)
    text = forms.CharField(widget=forms.Textarea)


class AttachmentForm(forms.ModelForm):
    class Meta:
        model = Attachment
        fields = ["file", "name"]

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if os.path.splitext(upload.name)[1].lower() not in {".png", ".jpg", ".pdf"}:
            raise ValidationError("type")
        return upload


class SignUpForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["username", "email", "password", "is_staff"]
