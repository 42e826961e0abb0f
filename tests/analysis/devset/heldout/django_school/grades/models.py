from django.contrib.auth.models import User
from django.db import connection, models


class StudentManager(models.Manager):
    def named(self, name):
        return self.raw("SELECT * FROM grades_student WHERE name LIKE '%%" + name + "%%'")

    def in_class(self, label):
        return self.raw('SELECT * FROM grades_student WHERE label = %s', [label])


class Student(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    label = models.CharField(max_length=10)
    insurance_number = models.CharField(max_length=20)
    objects = StudentManager()


class Grade(models.Model):
    student = models.ForeignKey(Student, on_delete=models.CASCADE)
    teacher = models.ForeignKey(User, on_delete=models.CASCADE)
    subject = models.CharField(max_length=50)
    value = models.IntegerField()

    @classmethod
    def average(cls, subject):
        with connection.cursor() as cursor:
            cursor.execute('SELECT avg(value) FROM grades_grade WHERE subject = "%s"' % subject)
            return cursor.fetchone()[0]


class Homework(models.Model):
    student = models.ForeignKey(Student, on_delete=models.CASCADE)
    file = models.FileField(upload_to='homework')
