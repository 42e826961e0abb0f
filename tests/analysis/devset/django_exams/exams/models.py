from django.contrib.auth.models import AbstractUser
from django.db import connection, models


class Person(AbstractUser):
    matriculation = models.CharField(max_length=12, unique=True)
    is_examiner = models.BooleanField(default=False)
    reset_code = models.CharField(max_length=6, blank=True)


class Exam(models.Model):
    title = models.CharField(max_length=120)
    examiner = models.ForeignKey(Person, on_delete=models.CASCADE)

    @classmethod
    def averages(cls, column):
        with connection.cursor() as cursor:
            cursor.execute("SELECT exam_id, AVG(%s) FROM exams_paper GROUP BY exam_id" % column)
            return cursor.fetchall()

    @classmethod
    def best(cls, number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(points) FROM exams_paper WHERE exam_id = %s", [number])
            return cursor.fetchone()


class Paper(models.Model):
    exam = models.ForeignKey(Exam, on_delete=models.CASCADE)
    student = models.ForeignKey(Person, on_delete=models.CASCADE)
    points = models.IntegerField(null=True)
    scan = models.FileField(upload_to="papers")
    remark = models.TextField(blank=True)


class Answer(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE)
    text = models.TextField()
    points = models.IntegerField(default=0)


class Appeal(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE)
    reason = models.TextField()
    granted = models.BooleanField(default=False)
