from django.urls import path
from . import views

urlpatterns = [
    path('', views.home), path('sql', views.sql_lab), path('cmd', views.cmd_lab), path('eval', views.eval_lab),
    path('otp', views.otp), path('xss', views.xss), path('xss2', views.xss_attr), path('xxe', views.xxe_parse),
    path('deser', views.deser), path('yaml', views.yaml_lab), path('image', views.image_lab),
    path('ssrf', views.ssrf_lab), path('ssrf2', views.ssrf_lab2), path('jwt', views.jwt_lab),
    path('login', views.auth_failure), path('register', views.register), path('secret', views.secret_admin),
    path('agent', views.by_agent), path('tickets', views.tickets), path('coupon', views.coupon),
    path('comment', views.comment), path('debug', views.debug), path('env', views.env), path('fmt', views.fmt),
    path('import', views.import_module), path('reg', views.reg),
]
