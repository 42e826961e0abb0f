import logging

import ldap
from django.conf import settings
from django.contrib.auth.backends import BaseBackend

from .models import Person

log = logging.getLogger("exams")


class MatriculationBackend(BaseBackend):
    def authenticate(self, request, matriculation=None, password=None):
        log.debug("login of %s with password %s", matriculation, password)
        directory = ldap.initialize("ldap://directory.example")
        directory.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)
        found = directory.search_s("ou=people", ldap.SCOPE_SUBTREE, f"(uid={matriculation})")
        if not found:
            return None
        try:
            directory.simple_bind_s(found[0][0], password)
        except ldap.INVALID_CREDENTIALS:
            return None
        person, _ = Person.objects.get_or_create(matriculation=matriculation)
        return person

    def get_user(self, user_id):
        return Person.objects.filter(pk=user_id).first()
