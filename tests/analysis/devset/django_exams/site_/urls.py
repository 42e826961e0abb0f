from django.urls import path

from exams import api, views

urlpatterns = [
    path("login/", views.sign_in),
    path("papers/<int:number>/", views.paper),
    path("papers/<int:number>/grade/", views.grade),
    path("papers/<int:number>/download/", views.download),
    path("search/", views.search),
    path("students/<int:pk>/", views.student),
    path("me/", views.me),
    path("next/", views.forward),
    path("import/", views.import_questions),
    path("sheet/", views.sheet),
    path("preview/", views.preview),
    path("api/answers/", api.AnswerList.as_view()),
    path("api/answers/<int:pk>/", api.AnswerDetail.as_view()),
    path("api/appeals/<int:pk>/", api.Appeals.as_view()),
    path("api/stats/", api.stats),
    path("api/reset/", api.reset),
]
