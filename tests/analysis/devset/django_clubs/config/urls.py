from django.urls import include, path
from rest_framework.routers import SimpleRouter

from clubs import api, views

router = SimpleRouter()
router.register("members", api.MemberViewSet)
router.register("payments", api.PaymentViewSet, basename="payment")
router.register("invitations", api.InvitationViewSet)

urlpatterns = [
    path("", views.ClubList.as_view(), name="clubs"),
    path("clubs/<int:pk>/", views.ClubDetail.as_view(), name="club"),
    path("clubs/<int:pk>/edit/", views.ClubEdit.as_view(), name="club-edit"),
    path("clubs/<int:pk>/delete/", views.ClubDelete.as_view(), name="club-delete"),
    path("notes/<int:pk>/", views.NoteView.as_view(), name="note"),
    path("notes/mine/<int:pk>/", views.OwnNote.as_view(), name="own-note"),
    path("go/", views.leave, name="leave"),
    path("poster/", views.poster, name="poster"),
    path("calendar/", views.calendar, name="calendar"),
    path("hook/", views.payment_hook, name="hook"),
    path("reports/", views.Report.as_view()),
    path("api/", include(router.urls)),
]
