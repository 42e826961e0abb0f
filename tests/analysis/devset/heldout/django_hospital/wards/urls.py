from django.urls import path

from wards import views

urlpatterns = [
    path("", views.WardList.as_view(), name="wards"),
    path("patients/", views.PatientList.as_view(), name="patients"),
    path("patients/<int:pk>/", views.PatientDetail.as_view(), name="patient"),
    path("patients/<int:pk>/edit/", views.PatientUpdate.as_view(), name="patient-edit"),
    path("patients/<int:pk>/discharge/", views.Discharge.as_view(), name="discharge"),
    path("patients/<int:pk>/letter/", views.letter, name="letter"),
    path("patients/<int:pk>/scan/<str:name>", views.scan, name="scan"),
    path("statistics/", views.statistics, name="statistics"),
    path("lab/", views.LabResult.as_view(), name="lab"),
    path("export/", views.export, name="export"),
]
