from dataclasses import dataclass

from sqlalchemy import desc, literal_column, select, text, update

from .models import AsyncSession, Shipment


@dataclass(slots=True)
class Shipments:
    db: AsyncSession

    async def by_id(self, number: int) -> Shipment | None:
        return await self.db.get(Shipment, number)

    async def owned(self, number: int, account: int) -> Shipment | None:
        found = select(Shipment).where(Shipment.id == number, Shipment.account_id == account)
        return (await self.db.scalars(found)).one_or_none()

    async def search(self, word: str, order: str) -> list[Shipment]:
        found = select(Shipment).where(Shipment.address.ilike(f"%{word}%")).order_by(desc(literal_column(order)))
        return list(await self.db.scalars(found))

    async def totals(self, group: str):
        match group:
            case "status" | "account_id":
                column = group
            case _:
                column = "status"
        return (await self.db.execute(text(f"SELECT {column}, count(*) FROM shipments GROUP BY {column}"))).all()

    async def between(self, first: str, last: str):
        sql = "SELECT id, status FROM shipments WHERE created BETWEEN '{}' AND '{}'".format(first, last)
        return (await self.db.execute(text(sql))).mappings().all()

    async def change(self, number: int, values: dict) -> None:
        await self.db.execute(update(Shipment).where(Shipment.id == number).values(**values))
        await self.db.commit()
