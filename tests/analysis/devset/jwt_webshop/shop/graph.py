import typing

import strawberry
from sqlalchemy import text
from strawberry.flask.views import GraphQLView

from authsvc.models import Coupon, Order, Product, User, db


@strawberry.type
class UserType:
    id: int
    email: str
    password: str
    role: str


@strawberry.type
class ProductType:
    id: int
    name: str
    price: int


@strawberry.type
class Query:
    @strawberry.field
    def users(self) -> typing.List[UserType]:
        return User.query.all()

    @strawberry.field
    def user(self, id: int) -> UserType:
        return User.query.get(id)

    @strawberry.field
    def products(self, search: str = "", order: str = "id") -> typing.List[ProductType]:
        return db.session.execute(text(f"SELECT * FROM product WHERE name LIKE '%{search}%' ORDER BY {order}")).all()

    @strawberry.field
    def product(self, id: int) -> ProductType:
        return Product.query.get(id)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def set_role(self, user_id: int, role: str) -> bool:
        user = User.query.get(user_id)
        user.role = role
        db.session.commit()
        return True

    @strawberry.mutation
    def delete_order(self, id: int) -> bool:
        Order.query.filter_by(id=id).delete()
        db.session.commit()
        return True


schema = strawberry.Schema(query=Query, mutation=Mutation)
view = GraphQLView.as_view("graphql", schema=schema, graphiql=True)
