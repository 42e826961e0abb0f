from django.contrib.auth.models import User
from django.test import TestCase


class CancelTest(TestCase):
    def test_others_cannot_cancel(self):
        User.objects.create_user("eve", password="correct-horse-battery")
        self.client.login(username="eve", password="correct-horse-battery")
        self.assertEqual(self.client.post("/orders/1/cancel/").status_code, 404)
