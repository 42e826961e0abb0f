from rest_framework import serializers

from .models import Message, Offer, Order, User


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"


class PublicUserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "is_seller"]


class OfferSerializer(serializers.ModelSerializer):
    seller = PublicUserSerializer(read_only=True)

    class Meta:
        model = Offer
        fields = ["id", "title", "text", "price", "seller"]


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "offer", "paid"]


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        exclude = []
        read_only_fields = ["sender"]
