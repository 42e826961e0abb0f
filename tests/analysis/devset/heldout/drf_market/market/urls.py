from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import views

router = DefaultRouter()
router.register("offers", views.OfferViewSet)
router.register("orders", views.OrderViewSet, basename="order")
router.register("messages", views.MessageViewSet)
router.register("users", views.UserViewSet)

urlpatterns = [
    path("api/", include(router.urls)),
    path("api/login/", views.LoginView.as_view()),
    path("api/search/", views.search),
    path("api/import/", views.import_offers),
    path("api/avatar/", views.AvatarView.as_view()),
    path("api/stats/", views.StatsView.as_view()),
    path("api/password/", views.PasswordResetView.as_view()),
]
