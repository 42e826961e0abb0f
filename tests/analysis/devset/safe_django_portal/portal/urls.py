from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.views import LoginView
from django.urls import path
from django.contrib.auth.decorators import login_not_required

from portal.pages import views

urlpatterns = [
    path("login/", LoginView.as_view()),
    path("", views.Home.as_view()),
    path("pages/<slug:slug>/", views.PageView.as_view()),
    path("pages/<slug:slug>/delete/", staff_member_required(views.PageDelete.as_view())),
    path("pages/<slug:slug>/publish/", staff_member_required(views.publish)),
    path("search/", views.Search.as_view()),
    path("draft/", views.draft),
    path("language/", views.language),
    path("avatar/", views.avatar),
    path("mine/<int:pk>/", views.MyNote.as_view()),
]
