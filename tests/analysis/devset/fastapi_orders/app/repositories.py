from typing import Generic, Type, TypeVar

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from .models import Account, Base, Coupon, Order

T = TypeVar("T", bound=Base)


class Repository(Generic[T]):
    model: Type[T]

    def __init__(self, session: Session):
        self.session = session

    def get(self, key: int) -> T | None:
        return self.session.get(self.model, key)

    def add(self, item: T) -> T:
        self.session.add(item)
        self.session.commit()
        return item

    def delete(self, key: int) -> None:
        self.session.delete(self.get(key))
        self.session.commit()

    def find(self, **values):
        return self.session.scalars(select(self.model).filter_by(**values)).all()


class Orders(Repository[Order]):
    model = Order

    def of(self, key: int, account: Account) -> Order | None:
        query = select(Order).where(Order.id == key, Order.account_id == account.id)
        return self.session.scalars(query).first()

    def sorted_by(self, column: str):
        return self.session.execute(text("SELECT * FROM orders ORDER BY " + column)).all()


class Accounts(Repository[Account]):
    model = Account

    def by_email(self, email: str) -> Account | None:
        return self.session.scalars(select(Account).where(Account.email == email)).first()
