from django.contrib.auth import views as auth_views
from django.urls import path

from . import api, views

urlpatterns = [
    path("", views.index, name="index"),
    path("login/", views.log_in, name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("ticket/<int:pk>/", views.TicketDetail.as_view(), name="ticket"),
    path("ticket/new/", views.create, name="create"),
    path("ticket/<int:pk>/edit/", views.edit, name="edit"),
    path("ticket/<int:pk>/close/", views.close, name="close"),
    path("ticket/<int:pk>/delete/", views.delete, name="delete"),
    path("search/", views.search, name="search"),
    path("go/", views.go, name="go"),
    path("attachment/", views.attachment, name="attachment"),
    path("report/", views.report, name="report"),
    path("import/", views.import_tickets, name="import"),
    path("api/tickets/", api.ticket_list),
    path("api/tickets/<int:pk>/", api.ticket_detail),
    path("api/export/", api.export),
    path("api/hook/", api.hook),
]
