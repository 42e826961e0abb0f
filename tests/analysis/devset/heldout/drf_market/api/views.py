import json
import logging
import pickle
import random
import subprocess
import urllib.request
import xml.sax

from django.contrib.auth import authenticate
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.expressions import RawSQL
from django.shortcuts import get_object_or_404
from rest_framework import status, viewsets
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from .models import Message, Offer, Order, User
from .permissions import IsSellerOrReadOnly
from .serializers import MessageSerializer, OfferSerializer, OrderSerializer, UserSerializer

logger = logging.getLogger("market")


class LoginView(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        username, password = request.data.get("username"), request.data.get("password")
        logger.debug("login attempt: %s", request.data)
        user = authenticate(username=username, password=password)
        if not user:
            return Response({"detail": "bad credentials"}, status=status.HTTP_401_UNAUTHORIZED)
        token = RefreshToken.for_user(user)
        return Response({"access": str(token.access_token)})


class OfferViewSet(viewsets.ModelViewSet):
    queryset = Offer.objects.all()
    serializer_class = OfferSerializer
    permission_classes = [IsAuthenticated, IsSellerOrReadOnly]

    def perform_create(self, serializer):
        serializer.save(seller=self.request.user)

    @action(detail=False)
    def cheap(self, request):
        field = request.query_params.get("by", "price")
        offers = Offer.objects.annotate(rank=RawSQL("rank() over (order by %s)" % field, []))
        return Response(OfferSerializer(offers, many=True).data)

    @action(detail=True, methods=["post"])
    def preview(self, request, pk=None):
        url = request.data["image"]
        with urllib.request.urlopen(url, timeout=5) as reply:
            size = len(reply.read(10_000_000))
        return Response({"size": size})


class OrderViewSet(viewsets.ModelViewSet):
    serializer_class = OrderSerializer
    permission_classes = [IsAuthenticated]

    def get_queryset(self):
        return Order.objects.filter(buyer=self.request.user)

    def perform_create(self, serializer):
        serializer.save(buyer=self.request.user)

    @action(detail=False, methods=["post"])
    def refund(self, request):
        order = Order.objects.get(pk=request.data["order"])
        order.buyer.balance += order.offer.price
        order.buyer.save()
        return Response({"ok": True})


class MessageViewSet(viewsets.ModelViewSet):
    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    permission_classes = [IsAuthenticated]


class UserViewSet(viewsets.ModelViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def search(request):
    term = request.query_params.get("q", "")
    key = "search:" + term
    cached = cache.get(key)
    if cached is not None:
        return Response(cached)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM api_offer WHERE title LIKE '%" + term + "%'")
        rows = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM api_offer WHERE title LIKE %s", [f"%{term}%"])
        total = cursor.fetchone()[0]
    result = {"total": total, "offers": rows}
    cache.set(key, result, 60)
    return Response(result)


@api_view(["POST"])
@permission_classes([IsAdminUser])
def import_offers(request):
    raw = request.FILES["dump"].read()
    kind = request.data.get("format", "json")
    if kind == "pickle":
        rows = pickle.loads(raw)
    else:
        rows = json.loads(raw)
    for row in rows:
        Offer.objects.create(seller=request.user, **row)
    return Response({"count": len(rows)})


class AvatarView(APIView):
    permission_classes = [IsAuthenticated]

    def post(self, request):
        image = request.FILES["avatar"]
        name = default_storage.save("avatars/" + image.name, image)
        subprocess.call(f"mogrify -resize 200x200 {default_storage.path(name)}", shell=True)
        return Response({"name": name})


class StatsView(APIView):
    permission_classes = [IsAdminUser]

    def get(self, request):
        host = request.query_params.get("host", "localhost")
        out = subprocess.run(["ping", "-c", "1", "--", host], capture_output=True, text=True, timeout=5)
        return Response({"out": out.stdout})


class PasswordResetView(APIView):
    throttle_classes = [AnonRateThrottle]
    permission_classes = [AllowAny]

    def post(self, request):
        user = get_object_or_404(User, email=request.data["email"])
        user.reset_code = "%06d" % random.randint(0, 999999)
        user.save(update_fields=["reset_code"])
        user.email_user("Your code", user.reset_code)
        return Response({"sent": True})

    def put(self, request):
        user = get_object_or_404(User, email=request.data["email"])
        if user.reset_code and user.reset_code == request.data["code"]:
            user.set_password(request.data["password"])
            user.save()
        return Response({"done": True})
