from django.contrib.auth.models import User
from django.test import TestCase


class PatientTest(TestCase):
    def test_strangers_see_nothing(self):
        User.objects.create_user("stranger", password="a-long-test-password")
        self.client.login(username="stranger", password="a-long-test-password")
        self.assertEqual(self.client.get("/wards/patients/1/").status_code, 404)
