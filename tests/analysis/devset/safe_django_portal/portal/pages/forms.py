from django import forms

from portal.pages.models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["text"]


class AvatarForm(forms.Form):
    image = forms.ImageField()
