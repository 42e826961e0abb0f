import strawberry
from ariadne import MutationType
from ariadne.asgi import GraphQL
from strawberry.permission import BasePermission

from .access import login_required, viewer
from .db import one

mutation = MutationType()


class SignedIn(BasePermission):
    def has_permission(self, source, info, **kwargs) -> bool:
        return viewer(info.context["request"]) is not None


@mutation.field("deletePost")
@login_required
def delete_post(root, info, id):
    one("DELETE FROM posts WHERE id = %s RETURNING id", (id,))
    return True


@mutation.field("deleteOwnPost")
@login_required
def delete_own_post(root, info, id):
    one("DELETE FROM posts WHERE id = %s AND author_id = %s RETURNING id", (id, info.context["viewer"]["id"]))
    return True


@strawberry.type
class Mutation:
    @strawberry.mutation(permission_classes=[SignedIn])
    def wipe(self) -> bool:
        one("DELETE FROM drafts RETURNING id")
        return True

    @strawberry.mutation
    def remove_note(self, id: int) -> bool:
        one("DELETE FROM notes WHERE id = %s RETURNING id", (id,))
        return True


app = GraphQL(None, debug=True)
