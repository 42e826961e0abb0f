from django.db import models


class AuthLogin(models.Model):
    username = models.CharField(max_length=200)
    password = models.CharField(max_length=200)
    session_id = models.CharField(max_length=200)


class Comments(models.Model):
    comment = models.TextField()


class Otp(models.Model):
    email = models.CharField(max_length=100)
    otp = models.IntegerField(default=300)


class Tickets(models.Model):
    user = models.CharField(max_length=100)
    key = models.CharField(max_length=100)


class Coupon(models.Model):
    code = models.CharField(max_length=10)
    value = models.IntegerField()
    used = models.BooleanField(default=False)
