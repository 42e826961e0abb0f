from django.conf.urls import url

from . import views

urlpatterns = [
    url(r'^$', views.Home.as_view()),
    url(r'^signin/$', views.SignIn.as_view()),
    url(r'^student/(?P<pk>\d+)/$', views.StudentView.as_view()),
    url(r'^grades/(?P<student>\d+)/$', views.grades_of),
    url(r'^grades/(?P<pk>\d+)/change/$', views.change_grade),
    url(r'^grades/(?P<pk>\d+)/remove/$', views.remove_grade),
    url(r'^find/$', views.find),
    url(r'^certificate/$', views.certificate),
    url(r'^homework/$', views.hand_in),
    url(r'^homework/(?P<name>.+)$', views.homework),
    url(r'^calendar/$', views.calendar),
    url(r'^mail/$', views.mail_parents),
    url(r'^settings/$', views.settings_page),
]
