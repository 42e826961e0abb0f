from django import forms

from .models import Club, Note


class ClubForm(forms.ModelForm):
    class Meta:
        model = Club
        fields = ["name", "town", "about"]


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = "__all__"
