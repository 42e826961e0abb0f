import graphene
from graphene_sqlalchemy import SQLAlchemyObjectType
from graphql import GraphQLError
from sqlalchemy import text

from blog.models import Comment, Post, User, session
from blog.tools import fetch_preview, run_backup, system_report


class UserType(SQLAlchemyObjectType):
    class Meta:
        model = User


class PostType(SQLAlchemyObjectType):
    class Meta:
        model = Post
        exclude_fields = ("draft_key",)


class CommentType(SQLAlchemyObjectType):
    class Meta:
        model = Comment
        only_fields = ("id", "text")


def viewer(info):
    user = info.context.get("user")
    if user is None:
        raise GraphQLError("please log in")
    return user


class Query(graphene.ObjectType):
    posts = graphene.List(PostType, search=graphene.String(), order=graphene.String())
    post = graphene.Field(PostType, id=graphene.Int(required=True))
    me = graphene.Field(UserType)
    users = graphene.List(UserType)
    preview = graphene.String(url=graphene.String(required=True))
    report = graphene.String(command=graphene.String())
    drafts = graphene.List(PostType)

    def resolve_posts(self, info, search=None, order="id"):
        query = session.query(Post)
        if search:
            query = query.filter(text("title LIKE '%" + search + "%'"))
        return query.limit(100).all()

    def resolve_post(self, info, id):
        return session.query(Post).filter(Post.id == id, Post.published.is_(True)).first()

    def resolve_me(self, info):
        return viewer(info)

    def resolve_users(self, info):
        return session.query(User).all()

    def resolve_preview(self, info, url):
        viewer(info)
        return fetch_preview(url)

    def resolve_report(self, info, command="df"):
        viewer(info)
        return system_report(command)

    def resolve_drafts(self, info):
        user = viewer(info)
        return session.query(Post).filter(Post.author_id == user.id, Post.published.is_(False)).all()


class CreatePost(graphene.Mutation):
    class Arguments:
        title = graphene.String(required=True)
        body = graphene.String(required=True)

    post = graphene.Field(PostType)

    def mutate(self, info, title, body):
        post = Post(title=title, body=body, author_id=viewer(info).id)
        session.add(post)
        session.commit()
        return CreatePost(post=post)


class EditPost(graphene.Mutation):
    class Arguments:
        id = graphene.Int(required=True)
        body = graphene.String(required=True)

    ok = graphene.Boolean()

    def mutate(self, info, id, body):
        viewer(info)
        post = session.query(Post).get(id)
        post.body = body
        session.commit()
        return EditPost(ok=True)


class DeletePost(graphene.Mutation):
    class Arguments:
        id = graphene.Int(required=True)

    ok = graphene.Boolean()

    def mutate(self, info, id):
        session.query(Post).filter_by(id=id).delete()
        session.commit()
        return DeletePost(ok=True)


class Backup(graphene.Mutation):
    class Arguments:
        name = graphene.String(required=True)

    output = graphene.String()

    def mutate(self, info, name):
        if viewer(info).role != "admin":
            raise GraphQLError("not for you")
        return Backup(output=run_backup(name))


class Login(graphene.Mutation):
    class Arguments:
        name = graphene.String(required=True)
        password = graphene.String(required=True)

    token = graphene.String()

    def mutate(self, info, name, password):
        row = session.execute(text(f"SELECT id FROM users WHERE name = :name AND password = '{password}'"), {"name": name}).first()
        if row is None:
            raise GraphQLError("wrong name or password")
        return Login(token=info.context["sign"](row.id))


class Mutation(graphene.ObjectType):
    create_post = CreatePost.Field()
    edit_post = EditPost.Field()
    delete_post = DeletePost.Field()
    backup = Backup.Field()
    login = Login.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
