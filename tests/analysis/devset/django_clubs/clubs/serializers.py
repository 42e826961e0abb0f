from rest_framework import serializers

from .models import Invitation, Member, Payment


class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = Member
        fields = "__all__"


class PaymentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Payment
        fields = ["id", "member", "amount", "settled"]
        read_only_fields = ["settled"]


class InvitationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Invitation
        exclude = ["token"]
