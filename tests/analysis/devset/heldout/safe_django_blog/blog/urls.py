from django.urls import include, path
from rest_framework.routers import SimpleRouter

from posts import views

router = SimpleRouter()
router.register("posts", views.PostViewSet, basename="post")
router.register("comments", views.CommentViewSet, basename="comment")

urlpatterns = [
    path("api/", include(router.urls)),
    path("feed.xml", views.feed),
    path("search/", views.search, name="search"),
    path("account/password/", views.ChangePassword.as_view()),
]
