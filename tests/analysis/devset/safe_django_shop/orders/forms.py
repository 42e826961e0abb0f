from django import forms

from .models import Order


class OrderForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = ["product", "amount"]


class ReportForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2100)
