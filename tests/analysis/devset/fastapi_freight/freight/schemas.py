from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl


class Registration(BaseModel):
    model_config = ConfigDict(extra="allow")
    mail: EmailStr
    password: str


class NewShipment(BaseModel):
    weight: float
    address: str
    callback: HttpUrl | None = None
    price: float | None = None


class ShipmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    status: str
    address: str


class Transfer(BaseModel):
    to: int
    amount: float


class Refund(BaseModel):
    shipment: int
    amount: float = Field(gt=0, le=500)


class Patch(BaseModel):
    status: str | None = None
    address: str | None = None
    price: float | None = None
    account_id: int | None = None
