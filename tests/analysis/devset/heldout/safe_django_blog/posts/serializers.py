from rest_framework import serializers

from .models import Comment, Post


class PostSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField(read_only=True)

    class Meta:
        model = Post
        fields = ["id", "author", "title", "text", "public"]


class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ["id", "post", "text"]


class PasswordSerializer(serializers.Serializer):
    old = serializers.CharField()
    new = serializers.CharField(min_length=12)
