from django.urls import path

from . import views

urlpatterns = [
    path("page/<int:pk>/", views.PageView.as_view()),
    path("page/new/", views.PageCreate.as_view()),
    path("page/<int:pk>/edit/", views.PageUpdate.as_view()),
    path("page/<int:pk>/delete/", views.PageDelete.as_view()),
    path("own/", views.OwnPages.as_view()),
    path("leave/", views.Leave.as_view()),
    path("contact/", views.Contact.as_view()),
    path("contact2/", views.SafeContact.as_view()),
    path("signup/", views.SignUp.as_view()),
    path("popular/", views.popular),
    path("author/<str:name>/", views.by_author),
    path("author2/<str:name>/", views.by_author_bound),
    path("webhook/", views.webhook),
    path("snippet/", views.render_snippet),
    path("attachment/<int:pk>/", views.attachment),
    path("media/<path:path>", views.media),
    path("media2/<path:path>", views.media_stored),
    path("purge/", views.purge),
    path("user/<int:user_id>/promote/", views.promote),
    path("user/<int:user_id>/demote/", views.demote),
    path("export/", views.export),
    path("token/", views.token_login),
    path("jsonp/", views.jsonp),
    path("highlight/", views.highlight),
]
