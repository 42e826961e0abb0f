from django.urls import path

from . import views

urlpatterns = [
    path("books/", views.books),
    path("lookup/", views.lookup),
    path("one/", views.one),
    path("cover/", views.cover),
    path("vote/", views.Vote.as_view()),
    path("impersonate/<int:user_id>/", views.Impersonate.as_view()),
]
