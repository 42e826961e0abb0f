import hashlib
import random
import string

from django.core.mail import send_mail
from django.db import transaction
from django.http import JsonResponse
from rest_framework import generics, permissions, serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Answer, Appeal, Paper, Person


class AnswerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Answer
        fields = ("id", "paper", "text", "points")


class AppealSerializer(serializers.Serializer):
    reason = serializers.CharField()

    def update(self, instance, validated):
        instance.reason = validated["reason"]
        instance.save()
        return instance


class IsExaminer(permissions.BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user.is_examiner


class AnswerList(generics.ListCreateAPIView):
    serializer_class = AnswerSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self):
        return Answer.objects.filter(paper__student=self.request.user)


class AnswerDetail(generics.RetrieveUpdateDestroyAPIView):
    queryset = Answer.objects.all()
    serializer_class = AnswerSerializer
    permission_classes = [permissions.IsAuthenticated]


class Appeals(APIView):
    permission_classes = [permissions.IsAuthenticated]

    def put(self, request, pk):
        appeal = Appeal.objects.get(pk=pk)
        serializer = AppealSerializer(appeal, data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def post(self, request, pk):
        paper = Paper.objects.get(pk=pk, student=request.user)
        appeal = Appeal(paper=paper)
        for key, value in request.data.items():
            setattr(appeal, key, value)
        appeal.save()
        return Response({"id": appeal.pk})


@api_view(["GET"])
@permission_classes([IsExaminer])
def stats(request):
    return Response({"papers": Paper.objects.count()})


@api_view(["POST"])
@permission_classes([permissions.AllowAny])
def reset(request):
    person = Person.objects.filter(email=request.data["email"]).first()
    if "code" not in request.data:
        if person is None:
            return Response({"error": "no such person"}, status=404)
        person.reset_code = "".join(random.choice(string.digits) for _ in range(6))
        person.save()
        send_mail("Code", person.reset_code, "exams@example.org", [person.email])
        return Response({"sent": True})
    if person.reset_code == request.data["code"]:
        person.set_password(request.data["password"])
        person.save()
    return Response({"ok": True})


def gravatar(mail):
    return hashlib.md5(mail.lower().encode()).hexdigest()
