"""The same with strawberry: not finished."""
import strawberry
from strawberry.permission import BasePermission
from strawberry.types import Info

from blog.models import Post, session


class IsSignedIn(BasePermission):
    message = "please log in"

    def has_permission(self, source, info: Info, **kwargs) -> bool:
        return info.context.get("user") is not None


@strawberry.type
class PostNode:
    id: int
    title: str


@strawberry.type
class Query:
    @strawberry.field(permission_classes=[IsSignedIn])
    def posts(self, info: Info, order: str = "title") -> list[PostNode]:
        rows = session.execute(f"SELECT id, title FROM posts ORDER BY {order}")
        return [PostNode(id=row.id, title=row.title) for row in rows]

    @strawberry.field
    def post(self, id: int) -> PostNode | None:
        row = session.execute("SELECT id, title FROM posts WHERE id = :id AND published", {"id": id}).first()
        return PostNode(id=row.id, title=row.title) if row else None


schema = strawberry.Schema(Query)
