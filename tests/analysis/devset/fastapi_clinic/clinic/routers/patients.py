from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..auth import current_user, require_role
from ..database import get_session
from ..models import Patient, User
from ..schemas import PatientIn, PatientOut, PatientPatch

router = APIRouter()


@router.get("/", response_model=list[PatientOut])
async def mine(
    limit: int = Query(50, le=200), user: User = Depends(current_user), session: AsyncSession = Depends(get_session)
):
    found = await session.execute(select(Patient).where(Patient.doctor_id == user.id).limit(limit))
    return found.scalars().all()


@router.get("/find")
async def find(
    name: str, sort: str = "name", user: User = Depends(current_user), session: AsyncSession = Depends(get_session)
):
    statement = f"SELECT id, name FROM patients WHERE doctor_id = {user.id} AND name LIKE :name ORDER BY {sort}"
    rows = await session.execute(text(statement), {"name": f"%{name}%"})
    return [dict(row) for row in rows.mappings()]


@router.post("/", response_model=PatientOut, status_code=201)
async def add(body: PatientIn, user: User = Depends(current_user), session: AsyncSession = Depends(get_session)):
    patient = Patient(doctor_id=user.id, **body.model_dump())
    session.add(patient)
    await session.commit()
    return patient


@router.get("/{patient_id}", response_model=PatientOut)
async def show(patient_id: int, user: User = Depends(current_user), session: AsyncSession = Depends(get_session)):
    patient = await session.get(Patient, patient_id)
    if patient is None:
        raise HTTPException(404)
    return patient


@router.put("/{patient_id}", response_model=PatientOut)
async def replace(
    patient_id: int, body: PatientIn, user: User = Depends(current_user), session: AsyncSession = Depends(get_session)
):
    patient = await session.get(Patient, patient_id)
    if patient is None or patient.doctor_id != user.id:
        raise HTTPException(404)
    patient.name, patient.birth_date = body.name, body.birth_date
    await session.commit()
    return patient


@router.patch("/{patient_id}")
async def patch(
    patient_id: int,
    body: PatientPatch,
    user: User = Depends(require_role("doctor")),
    session: AsyncSession = Depends(get_session),
):
    patient = await session.get(Patient, patient_id)
    for name, value in body.model_dump().items():
        setattr(patient, name, value)
    await session.commit()
    return {"ok": True}


@router.delete("/{patient_id}")
async def remove(patient_id: int, session: AsyncSession = Depends(get_session)):
    patient = await session.get(Patient, patient_id)
    await session.delete(patient)
    await session.commit()
    return {"deleted": patient_id}
