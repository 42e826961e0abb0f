import logging
import subprocess

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView

from .forms import OrderForm, ReportForm
from .models import Order, Product

logger = logging.getLogger(__name__)


class ProductList(ListView):
    model = Product
    paginate_by = 24

    def get_queryset(self):
        return Product.objects.matching(self.request.GET.get("q", "")).order_by("name")


class ProductDetail(DetailView):
    model = Product


class OrderList(LoginRequiredMixin, ListView):
    def get_queryset(self):
        return Order.objects.filter(customer=self.request.user).select_related("product")


class OrderDetail(LoginRequiredMixin, DetailView):
    def get_queryset(self):
        return Order.objects.filter(customer=self.request.user)


@login_required
@require_POST
def cancel(request, pk):
    with transaction.atomic():
        order = get_object_or_404(Order.objects.select_for_update(), pk=pk, customer=request.user, cancelled=False)
        order.cancelled = True
        order.save(update_fields=["cancelled"])
        Product.objects.filter(pk=order.product_id).update(stock=F("stock") + order.amount)
    logger.info("order %d was cancelled", order.pk)
    return redirect("orders:list")


@login_required
def checkout(request):
    form = OrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            taken = Product.objects.filter(pk=form.cleaned_data["product"].pk, stock__gte=form.cleaned_data["amount"])
            if not taken.update(stock=F("stock") - form.cleaned_data["amount"]):
                form.add_error("amount", "We do not have so many.")
                return render(request, "orders/checkout.html", {"form": form}, status=409)
            order = form.save(commit=False)
            order.customer = request.user
            order.save()
        return redirect("orders:detail", pk=order.pk)
    return render(request, "orders/checkout.html", {"form": form})


@login_required
def invoice(request, pk):
    order = get_object_or_404(Order, pk=pk, customer=request.user)
    page = render_to_string("orders/invoice.html", {"order": order})
    made = subprocess.run(["weasyprint", "-", "-"], input=page.encode(), capture_output=True, check=True, timeout=30)
    return HttpResponse(
        made.stdout,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="invoice-{order.pk}.pdf"'},
    )


@permission_required("orders.view_order", raise_exception=True)
def report(request):
    form = ReportForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT product_id, sum(amount) FROM orders_order WHERE date_part('year', created_at) = %s GROUP BY 1",
            [form.cleaned_data["year"]],
        )
        rows = cursor.fetchall()
    return JsonResponse({"rows": rows})
