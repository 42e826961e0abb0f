from django.urls import path

from . import views

app_name = "orders"
urlpatterns = [
    path("", views.ProductList.as_view(), name="products"),
    path("product/<slug:slug>/", views.ProductDetail.as_view(), name="product"),
    path("orders/", views.OrderList.as_view(), name="list"),
    path("orders/<int:pk>/", views.OrderDetail.as_view(), name="detail"),
    path("orders/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("orders/<int:pk>/invoice/", views.invoice, name="invoice"),
    path("checkout/", views.checkout, name="checkout"),
    path("report/", views.report, name="report"),
]
