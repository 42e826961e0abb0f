import bleach
import markdown
from defusedxml import ElementTree
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import mark_safe
from rest_framework import viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from .models import Comment, Post
from .permissions import IsAuthorOrReadOnly
from .serializers import CommentSerializer, PasswordSerializer, PostSerializer

TAGS = ["p", "em", "strong", "ul", "ol", "li", "code", "pre"]


def to_html(text):
    return mark_safe(bleach.clean(markdown.markdown(text), tags=TAGS, strip=True))


class PostViewSet(viewsets.ModelViewSet):
    serializer_class = PostSerializer
    permission_classes = [IsAuthenticatedOrReadOnly, IsAuthorOrReadOnly]

    def get_queryset(self):
        visible = Q(public=True)
        if self.request.user.is_authenticated:
            visible |= Q(author=self.request.user)
        return Post.objects.filter(visible)

    def perform_create(self, serializer):
        serializer.save(author=self.request.user)


class CommentViewSet(viewsets.ModelViewSet):
    serializer_class = CommentSerializer
    permission_classes = [IsAuthenticated, IsAuthorOrReadOnly]

    def get_queryset(self):
        return Comment.objects.filter(post__public=True)

    def perform_create(self, serializer):
        if not serializer.validated_data["post"].public:
            raise PermissionDenied
        serializer.save(author=self.request.user)


class ChangePassword(APIView):
    permission_classes = [IsAuthenticated]
    throttle_classes = [UserRateThrottle]

    def post(self, request):
        serializer = PasswordSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if not request.user.check_password(serializer.validated_data["old"]):
            raise PermissionDenied
        validate_password(serializer.validated_data["new"], request.user)
        request.user.set_password(serializer.validated_data["new"])
        request.user.save()
        update_session_auth_hash(request, request.user)
        return Response(status=204)


def search(request):
    term = request.GET.get("q", "")
    posts = Post.objects.filter(public=True, title__icontains=term)[:50]
    return render(request, "search.html", {"posts": posts, "term": term})


def feed(request):
    items = "".join(f"<item><title>{escape(post.title)}</title></item>" for post in Post.objects.filter(public=True)[:20])
    return HttpResponse(f"<rss><channel>{items}</channel></rss>", content_type="application/rss+xml")


def titles_of(document):
    return [node.text for node in ElementTree.fromstring(document).iter("title")]
