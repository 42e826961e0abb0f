from django.contrib import admin
from django.urls import path

from ads import views

urlpatterns = [
    path('admin/', admin.site.urls),
    path('', views.home),
    path('signup/', views.signup),
    path('signin/', views.signin),
    path('ads/new/', views.new_ad),
    path('ads/<int:ad_id>/', views.show_ad),
    path('ads/<int:ad_id>/edit/', views.edit_ad),
    path('ads/<int:ad_id>/delete/', views.delete_ad),
    path('ads/<int:ad_id>/photo/', views.add_photo),
    path('find/', views.find),
    path('export/', views.export_ads),
    path('import/', views.import_ads),
    path('message/', views.send_message),
    path('messages/<int:message_id>/', views.read_message),
    path('visit/', views.visit),
    path('moderate/', views.moderate),
    path('moderate/ban/<int:user_id>/', views.ban),
]
