from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, func
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from .settings import settings

engine = create_async_engine(settings().database)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    is_dispatcher: Mapped[bool] = mapped_column(default=False)
    credit: Mapped[Decimal] = mapped_column(default=0)


class Shipment(Base):
    __tablename__ = "shipments"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    status: Mapped[str] = mapped_column(default="new")
    weight: Mapped[float]
    price: Mapped[Decimal]
    address: Mapped[str]
    callback: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    account: Mapped[Account] = relationship()


async def session():
    async with Session() as opened:
        yield opened
