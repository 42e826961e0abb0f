import hashlib
import time

from rest_framework import permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from .models import Invitation, Member, Payment
from .serializers import InvitationSerializer, MemberSerializer, PaymentSerializer


class Trainer(permissions.BasePermission):
    def has_permission(self, request, view):
        return Member.objects.filter(person=request.user, is_trainer=True).exists()


class Anyone(permissions.BasePermission):
    def has_object_permission(self, request, view, obj):
        return obj is not None


class MemberViewSet(viewsets.ModelViewSet):
    queryset = Member.objects.all()
    serializer_class = MemberSerializer

    @action(detail=True, methods=["post"])
    def promote(self, request, pk=None):
        member = self.get_object()
        member.is_trainer = True
        member.save()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"], permission_classes=[Trainer])
    def warn(self, request, pk=None):
        self.get_object().person.email_user("A warning", "Please pay")
        return Response(status=status.HTTP_204_NO_CONTENT)


class PaymentViewSet(viewsets.ModelViewSet):
    serializer_class = PaymentSerializer

    def get_queryset(self):
        return Payment.objects.filter(member__person=self.request.user)

    def perform_create(self, serializer):
        member = Member.objects.get(person=self.request.user)
        serializer.save(member=member)


class InvitationViewSet(viewsets.ModelViewSet):
    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    permission_classes = [permissions.AllowAny]

    def perform_create(self, serializer):
        mail = serializer.validated_data["mail"]
        serializer.save(token=hashlib.md5(f"{mail}{time.time()}".encode()).hexdigest())
