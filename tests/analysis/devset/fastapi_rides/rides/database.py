from sqlmodel import Session, create_engine

engine = create_engine("postgresql://rides:r1d3s@db/rides", echo=True)


def get_session():
    with Session(engine) as session:
        yield session
