from pydantic import BaseModel, ConfigDict, Field


class PatientIn(BaseModel):
    name: str = Field(max_length=120)
    birth_date: str


class PatientOut(PatientIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


class PatientPatch(BaseModel):
    model_config = ConfigDict(extra="allow")


class LabOrder(BaseModel):
    patient_id: int
    callback: str
    tests: list[str]
