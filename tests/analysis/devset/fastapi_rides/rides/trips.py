from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel


class TripIn(SQLModel):
    start: str
    end: str
    price: float


class Trip(TripIn, table=True):
    id: int | None = Field(default=None, primary_key=True)
    rider_id: int = Field(foreign_key="rider.id")


class TripService:
    def __init__(self, db: Session):
        self.db = db

    def of(self, rider: int, sort: str, limit: int):
        sql = text(f"SELECT * FROM trip WHERE rider_id = :rider ORDER BY {sort} LIMIT :limit")
        return self.db.execute(sql, {"rider": rider, "limit": limit}).mappings().all()

    def one(self, number: int) -> Trip | None:
        return self.db.get(Trip, number)

    def change(self, number: int, data: TripIn):
        trip = self.db.get(Trip, number)
        trip.sqlmodel_update(data.model_dump())
        self.db.add(trip)
        self.db.commit()
        return trip

    def rate(self, number: int, stars: int, comment: str):
        self.db.execute(text("UPDATE trip SET stars = %d, comment = '%s' WHERE id = %d" % (stars, comment, number)))
        self.db.commit()
