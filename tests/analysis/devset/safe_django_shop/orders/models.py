from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.html import format_html


class ProductQuerySet(models.QuerySet):
    def matching(self, term):
        return self.filter(models.Q(name__icontains=term) | models.Q(text__icontains=term))


class Product(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    text = models.TextField(blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, validators=[MinValueValidator(0)])
    stock = models.PositiveIntegerField(default=0)

    objects = ProductQuerySet.as_manager()

    def __str__(self):
        return self.name

    def badge(self):
        return format_html('<span title="{}">{}</span>', self.text, self.name)


class Order(models.Model):
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    amount = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    cancelled = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.amount} x {self.product}"
