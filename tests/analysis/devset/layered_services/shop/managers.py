from django.db import models


class BookQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published=True)

    def near(self, place):
        return self.extra(where=["place LIKE '%s%%'" % place])

    def titled(self, title):
        return self.filter(title=title)


class BookManager(models.Manager.from_queryset(BookQuerySet)):
    pass
